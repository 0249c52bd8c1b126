// The shop signs in by SailPlay's script too.
document.getElementById('enter-sdk').addEventListener('click', async () => {
  const answer = await fetch('/join', { method: 'POST', headers: { Accept: 'application/json' } });
  SailPlayOAuth.authorize(await answer.json());
});
