// The button that goes one step back, and Ctrl+Z for it. A button of Streamlit's loses one of two
// fast presses.

function inText(target) {
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

export default function ({ parentElement, data, setStateValue }) {
  const button = parentElement.querySelector("button");
  const state = (button.__undo ||= { clicks: new Clicks() });
  state.clicks.update(data, setStateValue);
  button.disabled = !data.step;
  button.title = data.step;
  button.setAttribute("aria-label", data.step || "Undo: nothing to take back yet");
  const press = () => state.clicks.add("undo", "", null);
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
