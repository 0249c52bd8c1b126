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
