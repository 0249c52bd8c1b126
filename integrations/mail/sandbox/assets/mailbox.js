// Brings what has come since, without the reader having to ask.
const EVERY = 1500; // milliseconds
const letters = document.getElementById('letters');
const count = document.getElementById('count'); // is read out, and not the whole list

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch('/');
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('letters');
      if (answer.ok && fresh && fresh.innerHTML !== letters.innerHTML && !letters.contains(document.activeElement)) {
        letters.innerHTML = fresh.innerHTML;
        count.textContent = fresh.dataset.count;
      }
    } catch {
      // The next look may succeed.
    }
  }
  setTimeout(look, EVERY);
}
setTimeout(look, EVERY);
