// What is typed in a form marked by {% draft %} stays in this browser until the server says that it arrived.
// One entry a page, under the person's key: two tabs never write the same one. Nothing of it is sent anywhere.
'use strict';
{
  const PREFIX = 'desk.draft.', LEFT = 'desk.left', PAUSE = 400;
  const born = Date.now();
  const storage = (() => { try { localStorage.length; return localStorage; } catch { return null; } })();
  const $ = (selector, root) => root.querySelector(selector);

  const keys = () => Object.keys(storage ?? {}).filter((key) => key.startsWith(PREFIX));
  const read = (key) => { try { return JSON.parse(storage.getItem(key)); } catch { return null; } };
  const drop = (key) => storage?.removeItem(key);
  const write = (key, value) => { try { storage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } };

  // Logging out takes all drafts along, also those that other tabs still have in mind.
  for (const form of document.querySelectorAll('form[action$="/logout/"]')) {
    form.addEventListener('submit', () => { keys().forEach(drop); write(LEFT, Date.now()); });
  }

  // What arrived is no draft any more: the answer to it came with a cookie that names it.
  function forgetArrived() {
    for (const [, id] of document.cookie.matchAll(/desk-sent-([a-z0-9-]+)=/g)) {
      keys().filter((key) => key.endsWith('.' + id)).forEach(drop);
      document.cookie = `desk-sent-${id}=; max-age=0; path=/`;
    }
  }
  forgetArrived();

  const user = document.querySelector('meta[name=server-time]')?.dataset.user;
  if (user) {
    // Somebody else's drafts are not this person's business.
    keys().filter((key) => !key.startsWith(`${PREFIX}${user}.`)).forEach(drop);
  }

  // The controls in which a person says something.
  const controls = (form) => Array.from(form.elements).filter((el) => el.name && !['hidden', 'file', 'submit', 'button', 'password'].includes(el.type) && el.type !== undefined && el.tagName !== 'FIELDSET' && el.tagName !== 'BUTTON' && el.name !== 'kept');
  const isOn = (el) => el.type === 'checkbox' || el.type === 'radio';
  const isSelect = (el) => el.tagName === 'SELECT';
  function differs(el) {
    if (isOn(el)) return el.checked !== el.defaultChecked;
    if (isSelect(el)) {
      const given = Array.from(el.options).some((option) => option.defaultSelected);
      return Array.from(el.options).some((option, place) => option.selected !== (given || el.multiple ? option.defaultSelected : place === 0));
    }
    return el.value !== el.defaultValue;
  }

  class Draft {
    constructor(mark) {
      this.form = mark.closest('form');
      this.mark = mark;
      this.name = mark.dataset.draftForm;
      this.owner = `${PREFIX}${mark.dataset.draftUser}.`;
      this.field = $('[name=draft]', mark);
      this.isFilled = 'draftFilled' in mark.dataset;
      this.isSending = this.isTouched = false;
      if (!/^[a-z0-9-]{8,40}$/.test(this.field.value)) this.field.value = this.newId();
      this.forgetOld(Number(mark.dataset.draftDays));
      this.form.addEventListener('input', () => this.saveSoon());
      this.form.addEventListener('change', () => this.saveSoon());
      window.django?.jQuery?.(this.form).on('change', () => this.saveSoon()); // what choosers with search say
      this.form.addEventListener('submit', () => this.send());
      $('[data-draft-discard]', mark).addEventListener('click', () => this.discard());
      addEventListener('pagehide', () => this.save());
      document.addEventListener('visibilitychange', () => { if (document.hidden) this.save(); });
      addEventListener('pageshow', (event) => { if (event.persisted) this.comeBack(); });
      this.begin();
    }

    get key() { return this.owner + this.field.value; }

    newId() { return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(''); }

    forgetOld(days) {
      const oldest = Date.now() - days * 86400000;
      for (const key of keys()) if (!(read(key)?.at > oldest)) drop(key);
    }

    // A draft that another open page works on is that page's: a lock tells as long as the page lives.
    // A page that is just being left may hold its own a moment longer, so there is a second look.
    async begin(looks = 2) {
      const names = await this.taken();
      if (looks === 2) this.hold();
      if (this.isFilled || this.isTouched) return;
      const mine = keys()
        .filter((key) => key.startsWith(this.owner) && key !== this.key)
        .map((key) => [key, read(key)])
        .filter(([, draft]) => draft?.name === this.name)
        .sort(([, one], [, other]) => other.at - one.at);
      const [key, draft] = mine.find(([name]) => !names.has(name)) ?? [];
      if (draft && this.restore(draft)) {
        this.field.value = key.slice(this.owner.length);
        this.hold();
      } else if (mine.length && looks > 1) {
        setTimeout(() => this.begin(looks - 1), 1000);
      }
    }

    async taken() {
      const state = await navigator.locks?.query();
      return new Set((state?.held ?? []).map((lock) => lock.name));
    }

    hold() {
      this.release?.();
      const key = this.key;
      navigator.locks?.request(key, () => new Promise((resolve) => { this.release = resolve; }));
    }

    isTyped() { return controls(this.form).some((el) => el.type !== 'radio' && differs(el)); }

    // Of a form that came back with words everything is the person's; of a fresh one only what they changed.
    fields() {
      const found = {};
      for (const el of controls(this.form)) {
        if (el.type === 'radio') { if (el.checked) found[el.name] = [el.value]; continue; }
        if (!this.isFilled && !differs(el)) continue;
        if (el.type === 'checkbox') { (found[el.name] ??= []).push(...(el.checked ? [el.value] : [])); continue; }
        if (isSelect(el)) { found[el.name] = Array.from(el.selectedOptions, (option) => [option.value, option.text]); continue; }
        found[el.name] = [el.value];
      }
      return found;
    }

    files() { return Array.from(this.form.elements).flatMap((el) => Array.from(el.files ?? [], (file) => file.name)); }

    saveSoon() { this.isTouched = true; clearTimeout(this.timer); this.timer = setTimeout(() => this.save(), PAUSE); }

    save() {
      clearTimeout(this.timer);
      if (this.isSending || !this.isTouched || !storage || read(LEFT) > born) return;
      if (!this.isTyped()) { drop(this.key); this.say(''); return; }
      if (write(this.key, { name: this.name, at: Date.now(), fields: this.fields(), files: this.files() })) this.say('saved');
    }

    // The entry stays: if the server refuses or dies, the words are still here. Only its answer removes it.
    send() {
      this.save();
      this.isSending = true;
    }

    comeBack() {
      forgetArrived();
      if (this.isSending && !read(this.key)) this.empty();
      this.isSending = false;
    }

    restore({ fields, files, at }) {
      const all = controls(this.form);
      const offers = (name, value) => all.some((el) => el.name === name && el.value === value);
      // A kind that is not offered any more: better no draft than a note turned into a reply.
      for (const el of all) if (el.type === 'radio' && fields[el.name] && !offers(el.name, fields[el.name][0])) return false;
      for (const el of all) {
        const values = fields[el.name];
        if (!values) continue;
        if (el.type === 'radio') el.checked = el.value === values[0];
        else if (el.type === 'checkbox') el.checked = values.includes(el.value);
        else if (isSelect(el)) this.choose(el, values);
        else el.value = values[0];
      }
      this.notice(at, files ?? []);
      return true;
    }

    choose(el, values) {
      for (const [value, text] of values) {
        if (!Array.from(el.options).some((option) => option.value === value)) el.add(new Option(text, value));
      }
      for (const option of el.options) option.selected = values.some(([value]) => value === option.value);
      window.django?.jQuery?.(el).trigger('change.select2');
    }

    notice(at, files) {
      $('[data-draft-when]', this.mark).textContent = new Date(at).toLocaleString(document.documentElement.lang, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false });
      $('[data-draft-names]', this.mark).textContent = files.join(', ');
      $('[data-draft-files]', this.mark).hidden = !files.length;
      $('[data-draft-notice]', this.mark).hidden = false;
    }

    discard() {
      drop(this.key);
      this.empty();
      controls(this.form).find((el) => el.tagName === 'TEXTAREA')?.focus();
    }

    empty() {
      const id = this.field.value;
      clearTimeout(this.timer);
      this.isTouched = false;
      this.form.reset();
      this.field.value = id;
      for (const el of controls(this.form)) if (isSelect(el)) window.django?.jQuery?.(el).trigger('change.select2');
      $('[data-draft-notice]', this.mark).hidden = true;
      this.say('');
    }

    say(what) {
      const hint = $('[data-draft-hint]', this.form);
      if (!hint) return;
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hour12: false });
      hint.textContent = what ? `${document.querySelector('meta[name=server-time]')?.dataset.saved ?? ''} ${time}` : '';
    }
  }

  for (const mark of document.querySelectorAll('[data-draft-form]')) new Draft(mark);
}
