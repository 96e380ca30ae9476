/** Wheels that are dragged out of the view. Nothing is dropped on it. */
import { type DataTransfer, DataTransferItem, type TreeDragAndDropController, Uri } from 'vscode';
import type { WheelElement } from './wheel-rows.js';

/**
 * Other windows and programs are given the file of the row (its resourceUri); editors of this window ask for a list of addresses instead. It is not declared:
 * VS Code would put an empty text in the place of the file until then.
 */
export class WheelDrag implements TreeDragAndDropController<WheelElement> {
  readonly dragMimeTypes: readonly string[] = [];
  readonly dropMimeTypes: readonly string[] = [];

  handleDrag(source: readonly WheelElement[], transfer: DataTransfer): void {
    const uris = source.flatMap((element) => (element.row === 'wheel' ? [Uri.file(element.wheel).toString()] : []));
    // A line for each: RFC 2483.
    if (uris.length > 0) transfer.set('text/uri-list', new DataTransferItem(uris.join('\r\n')));
  }
}
