// Passkeys: the only part of signing in that needs a script. Without one, or without support, nothing of it is shown.

const supported = window.PublicKeyCredential && window.isSecureContext && !/^[\d.]+$|^\[/.test(location.hostname)
  && PublicKeyCredential.parseCreationOptionsFromJSON && PublicKeyCredential.parseRequestOptionsFromJSON;

const token = () => document.querySelector("input[name=_forgery]").value;

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json", "X-Forgery-Token": token() }, body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
  return answer.status === 204 ? null : answer.json();
}

// The browser's own words name devices and protocols; ours say what happened.
async function guarded(box, work) {
  const error = document.getElementById("passkey-error");
  error.textContent = "";
  try {
    await work();
  } catch (failure) {
    console.warn(failure);
    error.textContent = failure.status === 422 ? box.dataset.refused : box.dataset.failed;
  }
}

const signIn = document.getElementById("passkey");
if (supported && signIn) {
  signIn.hidden = false;
  document.getElementById("passkey-sign-in").addEventListener("click", () => guarded(signIn, async () => {
    const { secret, options } = await post("/sign-in/passkey/options");
    const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    await post("/sign-in/passkey", { secret, credential: credential.toJSON() });
    location.assign(signIn.dataset.return);
  }));
}

const add = document.getElementById("passkey-new");
if (supported && add) {
  add.hidden = false;
  document.getElementById("passkey-none").hidden = true;
  document.getElementById("passkey-add").addEventListener("click", () => guarded(add, async () => {
    const proof = document.getElementById("passkey-proof")?.value ?? "";
    const { secret, options } = await post("/profile/passkeys/options", { proof });
    const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    await post("/profile/passkeys", { secret, name: document.getElementById("passkey-name").value, credential: credential.toJSON() });
    location.assign("/profile?done=passkeys");
  }));
}
