// Copies the Methods text; pages from disk may not use the clipboard directly, so a selection is tried too.
const button = document.getElementById("copy");
button.addEventListener("click", async () => {
    const text = document.getElementById("to-paste");
    try {
        await navigator.clipboard.writeText(text.innerText);
    } catch {
        const selection = getSelection();
        selection.selectAllChildren(text);
        if (!document.execCommand("copy")) return;
        selection.removeAllRanges();
    }
    const before = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 2000);
});
