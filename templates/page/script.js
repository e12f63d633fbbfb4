// What pages do beyond HTML. Each works without it.
"use strict"

// Whoever sent a form with a fault hears of it first.
document.querySelector("[data-first]")?.focus()

// A second press of the same button waits for the answer to the first one.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", event => {
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = form.target ? "" : "yes"
    if (!form.target) form.querySelectorAll("button").forEach(button => button.setAttribute("aria-disabled", "true"))
  })
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent
    form.querySelectorAll("button").forEach(button => button.removeAttribute("aria-disabled"))
  }
})

// What somebody has before them is read: the form of the button does it, without the button.
const reading = document.querySelector("form[data-reads]")
if (reading) {
  const read = () => {
    if (document.visibilityState !== "visible") return
    document.removeEventListener("visibilitychange", read)
    fetch(reading.action, { method: "POST", body: new URLSearchParams(new FormData(reading)), redirect: "manual" })
      .then(answer => { if (answer.type === "opaqueredirect") reading.hidden = true })
      .catch(() => {})
  }
  document.addEventListener("visibilitychange", read)
  read()
}
