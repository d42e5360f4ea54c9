/** `<p-module src="/static/…">`: loads a plugin's behaviour with the page or the fragment that needs it. */
class Module extends HTMLElement {
  connectedCallback() {
    const src = this.getAttribute("src");
    if (!src.startsWith("/static/")) throw new Error(`p-module loads only our own files, not ${src}`);
    import(src);
  }
}

customElements.define("p-module", Module);
