// Writes a move: what the server says about it is the answer, with `ok`; without a connection there is no message.

export async function put(url, said) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  try {
    const response = await fetch(url, {
      method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token }, body: new URLSearchParams(said),
    });
    if (response.redirected) { location.assign(response.url); return { ok: false, message: "" }; }
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    return { ok: response.ok, message: "", ...(isJson ? await response.json() : {}) };
  } catch {
    return { ok: false, message: "" };
  }
}
