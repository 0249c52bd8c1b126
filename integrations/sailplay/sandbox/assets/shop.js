// The shop signs in by SailPlay's script too. The window is opened at the press itself, since WebKit opens none once
// an answer was awaited; the script finds it by its name. Where that is blocked, or fails, the form does it.
const button = document.getElementById('enter-sdk');
button.addEventListener('click', async () => {
  const popup = window.open('', 'sailplay', 'popup,width=480,height=720');
  if (!popup) return button.form.requestSubmit();
  try {
    const answer = await fetch('/join', { method: 'POST', headers: { Accept: 'application/json' } });
    SailPlayOAuth.authorize(await answer.json());
  } catch {
    popup.close();
    button.form.requestSubmit();
  }
});
