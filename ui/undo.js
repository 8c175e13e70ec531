// The button that goes one step back, and Ctrl+Z for it. Like cards.js, it repeats each press until
// the server has taken it: a button of Streamlit's loses one of two fast ones.

function inText(target) {
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

export default function ({ parentElement, data, setStateValue }) {
  const button = parentElement.querySelector("button");
  const state = (button.__undo ||= { pending: [], last: 0 });
  state.last = Math.max(state.last, data.ack);
  state.pending = state.pending.filter(([number]) => number > data.ack);
  button.disabled = !data.step;
  button.title = data.step;
  button.setAttribute("aria-label", data.step || "Undo: nothing to take back yet");
  const press = () => {
    state.pending.push([++state.last, "undo", "", null]);
    setStateValue("acts", state.pending.map((act) => [...act]));
  };
  button.onclick = press;
  const key = (event) => {
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (!undo || inText(event.target)) return;
    event.preventDefault();
    if (!button.disabled) press();
  };
  state.forget?.();
  document.addEventListener("keydown", key);
  state.forget = () => document.removeEventListener("keydown", key);
  return state.forget;
}
