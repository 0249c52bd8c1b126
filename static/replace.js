// Puts fresh content into an element at once. Whoever is on something there, by keyboard, is on the same thing afterwards:
// the one that does the same, or else the one in its place.
export function renew(old, fresh) {
  const all = () => [...old.querySelectorAll('a[href], button, summary, input, select, textarea')];
  const was = document.activeElement;
  const place = all().indexOf(was);
  old.replaceChildren(...fresh.childNodes);
  document.dispatchEvent(new Event('refreshed'));
  if (place < 0) return;
  const now = all();
  (now.find((one) => one.isEqualNode(was)) ?? now[Math.min(place, now.length - 1)])?.focus({ preventScroll: true });
}

// Puts fresh content in the place of what a page shows, once nobody points at it or is in it: no reader loses their place,
// nor a button that they are about to press.
export async function replaceWhenLeft(old, fresh) {
  while (old.matches(':hover, :focus-within')) {
    await new Promise((left) => {
      // Where the focus goes is known only afterwards.
      for (const event of ['mouseleave', 'focusout']) old.addEventListener(event, () => setTimeout(left), { once: true });
    });
  }
  old.replaceWith(fresh);
  document.dispatchEvent(new Event('refreshed'));
}
