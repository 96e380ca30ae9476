/** Wheels that are dragged out of the view: their files, for the Explorer, an editor or another program. Nothing is dropped on it. */
import { type DataTransfer, DataTransferItem, type TreeDragAndDropController, Uri } from 'vscode';
import type { WheelElement } from './wheel-rows.js';

/** https://www.rfc-editor.org/rfc/rfc2483#section-5 */
const URI_LIST = 'text/uri-list';

export class WheelDrag implements TreeDragAndDropController<WheelElement> {
  readonly dragMimeTypes = [URI_LIST];
  readonly dropMimeTypes: readonly string[] = [];

  handleDrag(source: readonly WheelElement[], transfer: DataTransfer): void {
    const files = source.flatMap((element) => (element.row === 'wheel' ? [Uri.file(element.wheel).toString()] : []));
    if (files.length > 0) transfer.set(URI_LIST, new DataTransferItem(files.join('\r\n')));
  }
}
