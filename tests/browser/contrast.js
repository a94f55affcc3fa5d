// Returns the texts on the page whose contrast is below WCAG AA, with their ratio.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const kept = (make) => {
    const known = new Map();
    return (key) => known.get(key) ?? known.set(key, make(key)).get(key);
  };
  const rgba = kept((colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  });
  const over = (front, back) => [0, 1, 2].map((i) => front[i] * front[3] + back[i] * (1 - front[3]));
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  // What lies behind the texts of an element, as one colour, and how opaque it is with all that hold it.
  const ground = kept((element) => {
    const style = getComputedStyle(element);
    const [below, opacity] = element.parentElement ? ground(element.parentElement) : [[255, 255, 255], 1];
    return [over(rgba(style.backgroundColor), below), opacity * style.opacity];
  });
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest("svg, script, template, option") || !element.checkVisibility()) continue;
    const [back, opacity] = ground(element);
    const style = getComputedStyle(element);
    const [red, green, blue, alpha] = rgba(style.color);
    const front = [red, green, blue, alpha * opacity];
    const [light, dark] = [luminance(over(front, back)), luminance(back)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) found.push(`${text.slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return found;
}
