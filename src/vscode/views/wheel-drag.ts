/** Wheels that are dragged out of the view: their files. Nothing is dropped on it. */
import { type DataTransfer, DataTransferItem, type TreeDragAndDropController } from 'vscode';
import type { WheelElement } from './wheel-rows.js';
import { uriListOf } from './wheel-uris.js';

const URI_LIST = 'text/uri-list';

export class WheelDrag implements TreeDragAndDropController<WheelElement> {
  readonly dragMimeTypes = [URI_LIST];
  readonly dropMimeTypes: readonly string[] = [];

  handleDrag(source: readonly WheelElement[], transfer: DataTransfer): void {
    const uris = uriListOf(source);
    if (uris !== undefined) transfer.set(URI_LIST, new DataTransferItem(uris));
  }
}
