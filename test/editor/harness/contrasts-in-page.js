// Runs in the page: the contrast of each element's text with what is painted behind it (WCAG 2.2, relative luminance).
// oxlint-disable-next-line no-unused-expressions -- the window takes it as text and calls it there
(elements) => {
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = parse(color).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      const [, , , alpha = 1] = parse(backgroundColor);
      if (alpha > 0.9) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  return elements
    .filter((element) => element.textContent.trim() !== '')
    .map((element) => {
      const [dark, light] = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort((a, b) => a - b);
      return { text: element.textContent, ratio: Math.round(((light + 0.05) / (dark + 0.05)) * 100) / 100 };
    });
};
