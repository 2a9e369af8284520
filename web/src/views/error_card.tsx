// The latest error: what, where, what to do. Text only: a model's names reach the page through here.
import { t } from '../i18n';
import { error } from '../state/app';

export function ErrorCard() {
  const e = error.value;
  return (
    <div role="alert" class="error-slot">
      {e && (
        <div class="error" data-code={e.code}>
          <p class="error-message">{e.message}</p>
          {e.where && (
            <p>
              <b>{t.app.errorWhere}:</b> <code>{e.where}</code>
            </p>
          )}
          {e.hint && (
            <p>
              <b>{t.app.errorHint}:</b> {e.hint}
            </p>
          )}
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              error.value = null;
            }}
          >
            {t.app.dismiss}
          </button>
        </div>
      )}
    </div>
  );
}
