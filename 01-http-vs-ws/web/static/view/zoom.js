// zoom is how much larger than usual the page's type is: on a wide screen it
// grows (style/base.css), and what is drawn grows with it.
export const zoom = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
