// Passkeys: a button that has the browser use one, or make one, and sends its answer with the button's form. It shows
// only where that works; every page has another way beside it.

const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What the server wrote as JSON, as browsers take it.
function read(json) {
  const options = JSON.parse(json);
  options.challenge = decode(options.challenge);
  if (options.user) options.user.id = decode(options.user.id);
  for (const key of [...(options.allowCredentials ?? []), ...(options.excludeCredentials ?? [])]) key.id = decode(key.id);
  return options;
}

// And back.
function written(key) {
  const part = (name) => (key.response[name] ? encode(key.response[name]) : undefined);
  return JSON.stringify({
    id: key.id,
    rawId: encode(key.rawId),
    type: key.type,
    extensions: key.getClientExtensionResults(),
    response: {
      clientDataJSON: part("clientDataJSON"),
      attestationObject: part("attestationObject"),
      authenticatorData: part("authenticatorData"),
      signature: part("signature"),
      userHandle: part("userHandle") ?? null,
      transports: key.response.getTransports?.() ?? [],
    },
  });
}

// Where a passkey is chosen in place of a password: what is asked besides counts, and the next page makes it.
for (const way of document.querySelectorAll("[data-passkey-way]")) {
  if (!window.PublicKeyCredential) break;
  const button = way.querySelector("button");
  const { form } = button;
  way.hidden = false;
  button.addEventListener("click", () => {
    if (![...form.elements].every((field) => field.type === "password" || field.reportValidity())) return;
    // Gone again when the form was sent: whoever comes back may choose otherwise.
    const choice = document.createElement("input");
    Object.assign(choice, { type: "hidden", name: way.dataset.passkeyWay, value: button.value });
    form.append(choice);
    form.submit();
    choice.remove();
  });
}

for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  const { form } = button;
  const { passkey: act, field, options } = button.dataset;
  const problem = document.getElementById(button.dataset.problem);
  let waiting = new AbortController();

  // `mediation` is "conditional" for the list that the browser shows with the field of the username.
  const ask = async (mediation) => {
    waiting.abort();
    waiting = new AbortController();
    const { signal } = waiting;
    problem.hidden = true;
    try {
      const asked = { publicKey: read(options), signal, ...(mediation && { mediation }) };
      const key = act === "create" ? await navigator.credentials.create(asked) : await navigator.credentials.get(asked);
      if (signal.aborted || !key) return;
      form.elements[field].value = written(key);
      // Fields that are for the other way may stay empty.
      form.submit();
    } catch (error) {
      if (signal.aborted || mediation) return;
      problem.textContent = error.name === "InvalidStateError" ? problem.dataset.there : problem.dataset.failed;
      problem.setAttribute("role", "alert");
      problem.hidden = false;
    }
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    // A new one is named in the same form.
    if (act !== "create" || form.reportValidity()) ask();
  });

  if (!button.hasAttribute("data-offered")) continue;
  if (await PublicKeyCredential.isConditionalMediationAvailable?.()) ask("conditional");
  // What the page asks for is good for five minutes: it is asked anew before, unless somebody types just then.
  const renew = () => {
    const isTyped = [...form.querySelectorAll("input:not([type=hidden])")].some((input) => input.value !== input.defaultValue);
    if (document.visibilityState === "visible" && !isTyped) location.replace(form.action);
  };
  setTimeout(() => {
    renew();
    document.addEventListener("visibilitychange", renew);
  }, 280_000);
}
