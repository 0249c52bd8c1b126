// Cards whose figures are not fresh ask for them, each for itself: a vendor that is slow holds up no other.

for (const card of document.querySelectorAll('[data-stale]')) refresh(card);

async function refresh(card) {
  try {
    const body = new URLSearchParams(new FormData(card.querySelector('form')));
    const answer = await fetch('/dashboard/refresh', { method: 'POST', body });
    if (!answer.ok || new URL(answer.url).pathname !== '/dashboard') return; // the session has ended
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById(card.id);
    if (!fresh) return;
    // Nobody loses their place, nor a button that they are about to press.
    if (card.matches(':hover, :focus-within')) await new Promise((left) => {
      for (const event of ['mouseleave', 'focusout']) card.addEventListener(event, left, { once: true });
    });
    card.replaceWith(fresh);
    document.dispatchEvent(new Event('refreshed'));
  } catch {
    // There is no connection: what is known stays.
  }
}
