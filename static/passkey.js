// Passkeys: the form has what the browser needs, and takes what the browser answers. Where the browser has none, the
// button for them stays hidden.

const form = document.querySelector('form[data-passkey-request], form[data-passkey-new]');
const say = (what) => {
  for (const one of form.querySelectorAll('[data-passkey-failed], [data-passkey-missing]')) {
    one.hidden = one.dataset[what] === undefined;
  }
};

let waiting; // for a passkey that is chosen from the e-mail's field
function begin() {
  waiting?.abort();
  waiting = new AbortController();
  return waiting.signal;
}

function send(credential) {
  (form.elements.again_passkey ?? form.elements.passkey).value = JSON.stringify(credential);
  form.requestSubmit();
}

async function use(mediation) {
  const signal = begin();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(form.dataset.passkeyRequest));
  send(await navigator.credentials.get({ publicKey, mediation, signal }));
}

async function make() {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.passkeyNew));
  send(await navigator.credentials.create({ publicKey, signal: begin() }));
}

const able = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

if (form?.dataset.passkeyRequest && !able) say('passkeyMissing');
if (form?.dataset.passkeyRequest && able) {
  const button = form.querySelector('[data-passkey-use]');
  button.hidden = false;
  button.addEventListener('click', () => {
    say('');
    use().catch(() => say('passkeyFailed'));
  });
  if (form.querySelector('[autocomplete~=webauthn]') && await PublicKeyCredential.isConditionalMediationAvailable?.()) {
    use('conditional').catch(() => {}); // nobody has chosen one
  }
}

if (form?.dataset.passkeyNew) {
  if (!able) say('passkeyMissing');
  form.addEventListener('submit', (event) => {
    if (form.elements.passkey.value !== '') return;
    event.preventDefault();
    event.stopPropagation(); // it is not sent yet
    if (!able) return;
    say('');
    make().catch(() => say('passkeyFailed'));
  });
}
