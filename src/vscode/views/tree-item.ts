/** A row as VS Code draws it. */
import { ThemeColor, ThemeIcon, TreeItem, type TreeItemCollapsibleState } from 'vscode';
import type { TreeRow } from './tree-row.js';

export function treeItem({ id, label, description, icon, colour, context }: TreeRow, collapsible: TreeItemCollapsibleState): TreeItem {
  const item = new TreeItem(label, collapsible);
  item.id = id;
  item.description = description;
  item.iconPath = new ThemeIcon(icon, colour === undefined ? undefined : new ThemeColor(colour));
  item.contextValue = context;
  item.accessibilityInformation = { label: [label, description].filter((part) => part !== '').join(', ') };
  return item;
}
