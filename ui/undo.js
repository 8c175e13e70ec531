// The button that goes one step back, and Ctrl+Z for it. Like cards.js, it repeats each press until
// the server has taken it: a button of Streamlit's loses one of two fast ones.

function inText(target) {
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

export default function ({ parentElement, data, setStateValue }) {
  const button = parentElement.querySelector("button");
  const state = (button.__undo ||= { pending: [], last: 0, visit: data.visit });
  const send = () => setStateValue("acts", state.pending.map((act) => [...act]));
  const press = () => {
    state.pending.push([++state.last, "undo", "", null, state.visit, performance.now()]);
    send();
  };
  if (state.visit === data.visit) {
    state.last = Math.max(state.last, data.ack);
    state.pending = state.pending.filter(([number]) => number > data.ack);
  } else { // the server began anew: what it did not take is given to it again
    state.visit = data.visit;
    state.last = data.ack;
    state.pending = state.pending.map(([, ...act]) => [++state.last, ...act.with(3, data.visit)]);
    if (state.pending.length) send();
  }
  button.disabled = !data.step;
  button.title = data.step;
  button.setAttribute("aria-label", data.step || "Undo: nothing to take back yet");
  button.onclick = press;
  const key = (event) => {
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (!undo || inText(event.target)) return;
    event.preventDefault();
    press(); // also while the button waits for the answer to a first click
  };
  state.forget?.();
  document.addEventListener("keydown", key);
  state.forget = () => document.removeEventListener("keydown", key);
  return state.forget;
}
