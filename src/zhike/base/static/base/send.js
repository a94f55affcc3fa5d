// Sends data to the server as the forms of a page do: signed with its token, answered in words.

// What the server did not take: `status` 0 without a connection, `data` what it said about it.
export class Refused extends Error {
  constructor(status, data, message) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

export const SIGNED_OUT = 401;

// Post an object; return what comes back, an object for JSON and a text for a part of a page.
export async function send(url, data, { signal } = {}) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/html", "X-CSRFToken": token },
      body: JSON.stringify(data),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, null, "offline");
  }
  // Whoever was signed out is led to the sign-in page, which is no answer to a script.
  if (response.redirected) throw new Refused(SIGNED_OUT, null, "signed out");
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const found = isJson ? await response.json() : await response.text();
  if (!response.ok) throw new Refused(response.status, isJson ? found : null, isJson ? found.message ?? "" : "");
  return found;
}
