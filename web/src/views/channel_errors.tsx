// Which channels of a layer lose the most, of its values and of its weight.
import { worstChannels } from '../charts/channels';
import { ChannelsChart } from '../charts/channels_chart';
import { formatDb, formatFixed, formatInteger, formatValue } from '../format';
import { t } from '../i18n';

const NAMED = 3;

const at = (list: readonly number[], extreme: number, text: string): string =>
  t.model.channelIs(formatInteger(list.indexOf(extreme) + 1), text);

function leastAt(list: readonly number[]): string {
  const least = Math.min(...list);
  return at(list, least, formatFixed(least, 4));
}

function mostAt(list: readonly number[]): string {
  const most = Math.max(...list);
  return at(list, most, formatValue(most));
}

interface Props {
  title: string;
  list: readonly (number | null)[] | undefined;
  /** Of the values by channel, where they are known. */
  cosines?: readonly number[] | undefined;
  errors?: readonly number[] | undefined;
}

export function ChannelErrors({ title, list, cosines, errors }: Props) {
  if (!list || list.length < 2) return null;
  const worst = worstChannels(list, NAMED)
    .map(({ channel, sqnr }) => t.model.channelIs(formatInteger(channel + 1), formatDb(sqnr, t.compare.equal)))
    .join(', ');
  const text = t.model.worstChannels(formatInteger(list.length), worst);
  return (
    <>
      <h4>{title}</h4>
      <ChannelsChart list={list} label={`${title}. ${text}`} />
      <p class="note">
        {text}
        {cosines && errors && ` ${t.model.channelExtremes(leastAt(cosines), mostAt(errors))}`}
      </p>
    </>
  );
}
