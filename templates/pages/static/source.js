// The words that a person selects in the source document, taken into a correction. Without this script they are copied.
"use strict";
(() => {
  const source = document.querySelector("[data-source]");
  if (!source) return;
  let chosen = null;

  const leafOf = (node) => {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    const leaf = element && element.closest("[data-start]");
    return leaf && source.contains(leaf) ? leaf : null;
  };

  // Code points, as the server counts them, between the beginning of a leaf and a place in it.
  const offsetIn = (leaf, node, at) => {
    const range = document.createRange();
    range.selectNodeContents(leaf);
    if (node) range.setEnd(node, at);
    const part = range.cloneContents();
    part.querySelectorAll("[data-skip]").forEach((told) => told.remove());
    return Number(leaf.dataset.start) + Array.from(part.textContent).length;
  };

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    const first = leafOf(range.startContainer);
    if (!first) return;
    const last = leafOf(range.endContainer);
    chosen = {
      start: offsetIn(first, range.startContainer, range.startOffset),
      end: last ? offsetIn(last, range.endContainer, range.endOffset) : offsetIn(first, null, 0),
      words: selection.toString(),
    };
  });

  document.querySelectorAll("[data-script]").forEach((shown) => { shown.hidden = false; });

  document.querySelectorAll("[data-words]").forEach((group) => {
    const [start, end] = group.querySelectorAll("input[type=hidden]");
    const quote = group.querySelector("textarea");
    const told = group.querySelector("[data-told]");
    group.querySelector("[data-take]").addEventListener("click", () => {
      if (!chosen || chosen.end <= chosen.start) {
        told.textContent = "Sélectionnez d’abord des mots dans le texte de la délibération.";
        return;
      }
      [start.value, end.value, quote.value] = [chosen.start, chosen.end, chosen.words.slice(0, 2000)];
      told.textContent = "Mots pris. Vérifiez-les, puis enregistrez.";
    });
    // What is typed over is looked for again in the text.
    quote.addEventListener("input", () => { start.value = end.value = told.textContent = ""; });
  });

  document.addEventListener("keydown", (event) => {
    const active = document.activeElement;
    if (event.key !== "Escape" || (active !== document.body && !source.closest("#source").contains(active))) return;
    const link = document.querySelector(".return a");
    const choose = link && document.querySelector(`${link.hash} .choose`);
    if (choose) choose.focus();
  });
})();
