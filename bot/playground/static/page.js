// Sends what a person does, and swaps in the HTML that the server renders again.  No library, no build.
const here = document.body.dataset;
const token = document.querySelector("meta[name=token]").content;
const shown = {};

// What a person does

async function send(doing, args) {
  const headers = { "Content-Type": "application/json", "X-Playground-Token": token };
  const body = JSON.stringify({ as: here.as, channel: here.channel, ...args });
  // keepalive: a click on the Home tab also leads to another page.
  const answer = await fetch(`/page/${doing}`, { method: "POST", headers, body, keepalive: true });
  if (answer.status === 403) location.reload(); // the playground was restarted: its token is another one
}

function confirmed(element) {
  const words = element.dataset;
  if (!words.confirmTitle) return Promise.resolve(true);
  const dialog = document.getElementById("confirm");
  for (const part of ["title", "text", "yes", "no"]) {
    document.getElementById(`confirm-${part}`).textContent = words[`confirm${part[0].toUpperCase()}${part.slice(1)}`];
  }
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function act(element, choice) {
  if (!(await confirmed(element))) return;
  const { block, action } = element.dataset;
  const view = element.closest("[data-view]")?.dataset.view;
  const message = element.closest("[data-message]")?.dataset.message;
  const channel = element.closest("[data-channel]")?.dataset.channel;
  element.setAttribute("aria-busy", "true");
  await send("click", { view, message, channel, block, action, choice: choice ?? element.dataset.choice ?? null });
  setTimeout(() => element.removeAttribute("aria-busy"), 400);
}

function valueOf(field) {
  const inputs = [...field.querySelectorAll("[data-act]")];
  const first = inputs[0];
  if (first?.type === "checkbox") return inputs.filter((i) => i.checked).map((i) => i.value);
  if (first?.type === "radio") return inputs.find((i) => i.checked)?.value ?? null;
  if (first?.multiple) return [...first.selectedOptions].map((o) => o.value);
  return first?.value ?? null;
}

function valuesIn(dialog) {
  return Object.fromEntries([...dialog.querySelectorAll("[data-field]")].map((f) => [f.dataset.field, valueOf(f)]));
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-act], [data-insert], [data-close], [data-shortcut], [data-open]");
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || element?.dataset.choice) menu.open = false;
  }
  if (!element) return;
  if (element.matches("[data-close]")) send("close", {});
  else if (element.matches("[data-insert]")) insert(element);
  else if (element.matches("[data-open]")) send("open", { tab: element.dataset.open });
  else if (element.matches("[data-shortcut]")) {
    const message = element.closest("[data-message]").dataset;
    send("shortcut", { shortcut: element.dataset.shortcut, message: message.message, channel: message.channel });
  } else if (element.matches("button, a")) act(element);
});

document.addEventListener("change", (event) => {
  const element = event.target;
  // Fields of a form are sent with the form; anything else tells the bot at once.
  if (!element.matches("select[data-act], input[data-act]") || element.closest("[data-field]")) return;
  const group = element.closest(".choices");
  act(element, group ? valueOf(group) : element.value);
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.closest("#confirm")) return form.closest("dialog").close(event.submitter?.value);
  if (form.closest("dialog")) return send("submit", { values: valuesIn(form.closest("dialog")) });
  const box = form.querySelector("textarea");
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  grow(box);
  send("say", { text, thread: "inThread" in form.dataset ? here.thread : null });
});

document.addEventListener("cancel", (event) => { // Escape in a dialog
  if (!event.target.closest("#modal")) return;
  event.preventDefault();
  send("close", {});
}, true);

document.addEventListener("keydown", (event) => {
  // Enter that ends the conversion of Japanese input is not Enter.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches(".composer textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

function insert(chip) {
  const box = chip.closest("form").querySelector("textarea");
  if (!box.value.startsWith(chip.dataset.insert)) box.value = chip.dataset.insert + box.value;
  box.focus();
}

function grow(box) {
  box.rows = Math.min(8, box.value.split("\n").length);
}
document.addEventListener("input", (event) => event.target.matches(".composer textarea") && grow(event.target));

// What the server shows

async function refresh() {
  const answer = await fetch(`/page/fragments?${new URLSearchParams({ as: here.as, at: here.at, ...(here.thread && { thread: here.thread }) })}`);
  if (!answer.ok) return;
  for (const [name, html] of Object.entries(await answer.json())) swap(name, html);
  settle();
}

function swap(name, html) {
  if (shown[name] === html) return;
  const part = document.getElementById(name);
  const typed = name === "modal" && part.querySelector("dialog") ? valuesIn(part) : {};
  const menu = part.querySelector("details.menu[open]")?.closest("[data-message]")?.dataset.message;
  shown[name] = html;
  part.innerHTML = html;
  for (const [block, value] of Object.entries(typed)) {
    const input = part.querySelector(`[data-field="${CSS.escape(block)}"] :is(input[type=text], input[type=email], input[type=url], textarea)`);
    if (input && !input.value && typeof value === "string") input.value = value;
  }
  if (menu) part.querySelector(`[data-message="${menu}"] details.menu`)?.setAttribute("open", "");
  if (name !== "channels") part.querySelectorAll(".messages").forEach(showLast);
}

function settle() {
  document.querySelectorAll("time[data-format]").forEach(localise);
  const dialog = document.querySelector("#modal dialog");
  if (dialog && !dialog.open) dialog.showModal();
  for (const words of document.querySelectorAll("#modal .complaints p")) {
    const field = dialog.querySelector(`[data-field="${CSS.escape(words.dataset.for)}"]`);
    if (!field) continue;
    words.className = "complaint";
    words.setAttribute("role", "alert");
    field.append(words);
  }
  document.querySelectorAll("[data-latest]").forEach(markUnread);
}

function markUnread(link) {
  const key = `seen ${here.as} ${link.dataset.channelId}`;
  if (link.matches("[aria-current]")) sessionStorage.setItem(key, link.dataset.latest);
  link.classList.toggle("unread", link.dataset.latest > (sessionStorage.getItem(key) ?? ""));
}

// Slack's date formats, in the reader's own language and time zone. (docs: "Formatting text", dates)
const FORMATS = {
  date: { dateStyle: "long" }, date_long: { dateStyle: "full" }, date_short: { dateStyle: "medium" }, date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  time: { timeStyle: "short" }, time_secs: { timeStyle: "medium" },
};

function localise(element) {
  const moment = new Date(element.dateTime);
  const zone = { timeZone: here.tz };
  const written = element.dataset.format.replace(/\{(\w+?)(_pretty)?\}/g, (all, name, pretty) => {
    if (name === "ago") return nearby(moment, true);
    if (!FORMATS[name]) return all;
    return (pretty && nearby(moment, false)) || new Intl.DateTimeFormat(here.locale, { ...FORMATS[name], ...zone }).format(moment);
  });
  if (element.textContent !== written) element.textContent = written;
  element.title = new Intl.DateTimeFormat(here.locale, { dateStyle: "full", timeStyle: "long", ...zone }).format(moment);
}

function nearby(moment, always) { // "today", "昨日"
  const day = (date) => Date.parse(new Intl.DateTimeFormat("en-CA", { timeZone: here.tz }).format(date)) / 864e5;
  const days = day(moment) - day(new Date());
  if (!always && Math.abs(days) > 1) return "";
  return new Intl.RelativeTimeFormat(here.locale, { numeric: "auto" }).format(days, "day");
}

// Changes arrive by themselves.

let busy = false;
let again = false;
async function changed() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    await refresh().catch(() => undefined);
  }
  busy = false;
}

const changes = new EventSource("/page/changes");
const offline = document.getElementById("offline");
changes.onmessage = () => { offline.hidden = true; changed(); };
changes.onerror = () => { offline.hidden = false; };
// A stream left open would hold one of the browser's few connections while the next page loads.
addEventListener("pagehide", () => changes.close());

document.querySelectorAll(".messages").forEach(showLast);
settle();
const say = document.getElementById("say");
if (say?.value) {
  grow(say);
  say.focus();
  say.setSelectionRange(say.value.length, say.value.length);
  const url = new URL(location.href); // a reload must not fill the box again
  url.searchParams.delete("say");
  history.replaceState(null, "", url);
}

// The newest message is read from its beginning, however long it is.
function showLast(list) {
  const last = [...list.querySelectorAll(".message")].at(-1);
  list.scrollTo(0, 1e9);
  if (last && last.offsetHeight > list.clientHeight) last.scrollIntoView({ block: "start" });
}
