// Keys, files to save and the tab's own address. Numbers and layouts come from the server alone.
"use strict";
{
    const model = (name) => Bokeh.documents[0] && Bokeh.documents[0].get_model_by_name(name);
    let count = 0;
    const send = (words) => {
        const field = model("command");
        if (field) field.value = `${words} ${++count}`;
    };
    const typing = (event) => event.composedPath().some((part) =>
        part instanceof HTMLElement && (part.isContentEditable
            || (part.matches("input, select, textarea") && part.type !== "range")));
    const step = {ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};

    const command = (event) => {
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        if (event.ctrlKey || event.metaKey) {
            if (key === "z") return event.shiftKey ? "redo" : "undo";
            return key === "y" ? "redo" : null;
        }
        if (event.altKey || event.composedPath().some((part) => part.type === "range")) return null;
        if (key in step) {
            if (!chosenStations()) return null;
            const metres = event.shiftKey ? 1000 : 100;
            return `move ${step[key][0] * metres} ${step[key][1] * metres}`;
        }
        return {Delete: "delete", Backspace: "delete", l: "lock", n: "next", p: "previous"}[key] || null;
    };
    const source = () => {
        for (const drawn of model("map").renderers)
            if (drawn.data_source && drawn.data_source.data.marker) return drawn.data_source;
        return null;
    };
    const chosenStations = () => { const of = source(); return of ? of.selected.indices.length : 0; };

    addEventListener("keydown", (event) => {
        if (typing(event) || !model("map")) return;
        if (event.key === "a" && !event.ctrlKey && !event.metaKey && !event.altKey) {
            const add = model("add");
            add.active = !add.active;
            return;
        }
        const words = command(event);
        if (!words) return;
        event.preventDefault();
        send(words);
    });
    // Bokeh's own Backspace takes several stations away in the wrong order.
    addEventListener("keyup", (event) => {
        if (event.key === "Backspace" && !typing(event)) event.stopImmediatePropagation();
    }, true);
    // A drag moves what is under the pointer, and not what was chosen before too.
    addEventListener("pointerdown", (event) => {
        const onMap = event.composedPath().some((part) =>
            part.classList && part.classList.contains("bk-events"));
        if (onMap && source()) source().selected.indices = [];
    }, true);

    const save = () => {
        const file = JSON.parse(model("download").value);
        const bytes = Uint8Array.from(atob(file.content), (letter) => letter.charCodeAt(0));
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([bytes], {type: file.mime}));
        link.download = file.name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    };
    const ready = () => {
        if (!model("download")) return setTimeout(ready, 50);
        model("download").properties.value.change.connect(save);
        history.replaceState(null, "", `?tab=${document.body.dataset.tab}`);
        document.body.dataset.ready = "yes";
        return null;
    };
    addEventListener("DOMContentLoaded", ready);
}
