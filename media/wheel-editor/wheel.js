// The page of a wheel: what is copied is asked of the editor, and files are filtered here. The other end: src/vscode/wheel-editor/wheel-message.ts
(() => {
  const editor = acquireVsCodeApi();
  const said = document.querySelector('.said');

  for (const button of document.querySelectorAll('button[data-copy]')) {
    button.addEventListener('click', () => editor.postMessage({ type: 'copy', what: button.dataset.copy }));
  }

  let quiet;
  window.addEventListener('message', ({ data }) => {
    if (typeof data !== 'object' || data === null || data.type !== 'said' || typeof data.text !== 'string') return;
    said.textContent = data.text;
    clearTimeout(quiet);
    quiet = setTimeout(() => (said.textContent = ''), 3000);
  });

  const filter = document.querySelector('input[data-found]');
  if (!filter) return;
  const files = [...document.querySelectorAll('.file')];
  // The innermost first: a folder is seen when something in it is.
  const folders = [...document.querySelectorAll('details')].reverse();
  const found = document.querySelector('.found');
  let isFiltered = false;

  const apply = () => {
    const wanted = filter.value.trim().toLowerCase();
    if (wanted !== '' && !isFiltered) for (const folder of folders) folder.dataset.wasOpen = String(folder.open);
    let count = 0;
    for (const file of files) {
      file.hidden = !file.dataset.path.toLowerCase().includes(wanted);
      if (!file.hidden) count += 1;
    }
    for (const folder of folders) {
      const isSeen = [...folder.querySelectorAll(':scope > .tree > li')].some((item) => !item.hidden);
      folder.parentElement.hidden = !isSeen;
      if (wanted !== '') folder.open = isSeen;
      else if (isFiltered) folder.open = folder.dataset.wasOpen === 'true';
    }
    isFiltered = wanted !== '';
    found.textContent = isFiltered ? filter.dataset.found.replace('{0}', count).replace('{1}', files.length) : '';
    editor.setState({ filter: filter.value });
  };

  filter.addEventListener('input', apply);
  const { filter: before } = editor.getState() ?? {};
  if (typeof before === 'string' && before !== '') {
    filter.value = before;
    apply();
  }
})();
