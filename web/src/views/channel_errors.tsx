// Which channels of a layer lose the most, of its values and of its weight.
import { worstChannels } from '../charts/channels';
import { ChannelsChart } from '../charts/channels_chart';
import { formatDb, formatInteger } from '../format';
import { t } from '../i18n';

const NAMED = 3;

export function ChannelErrors({ title, list }: { title: string; list: readonly (number | null)[] | undefined }) {
  if (!list || list.length < 2) return null;
  const worst = worstChannels(list, NAMED)
    .map(({ channel, sqnr }) => t.model.channelIs(formatInteger(channel + 1), formatDb(sqnr, t.compare.equal)))
    .join(', ');
  const text = t.model.worstChannels(formatInteger(list.length), worst);
  return (
    <>
      <h4>{title}</h4>
      <ChannelsChart list={list} label={`${title}. ${text}`} />
      <p class="note">{text}</p>
    </>
  );
}
