/** Formats of strings that have a regular form, as regular expressions. */
const DAY = '(?:0[1-9]|1\\d|2[0-8])';
const LEAP_YEAR = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)';
/** Each month with its days, the 29th of February in leap years only. */
const DATE = `(?:\\d{4}-(?:(?:0[1-9]|1[0-2])-${DAY}|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|${LEAP_YEAR}-02-29)`;
/** Without leap seconds, which depend on the zone. */
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?';
const ZONE = '(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
const PERIOD = '(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)';
const TIME_PERIOD = '(?:T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S))';

/** Shorter labels and fewer of them than there could be, so that no name becomes too long. */
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?';
const HOST = `${LABEL}(?:\\.${LABEL}){0,6}`;
const LOCAL_PART = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${BYTE}(?:\\.${BYTE}){3}`;
const GROUP = '[0-9a-fA-F]{1,4}';
/** Two colons with `before` groups before them and as many as may follow. */
const shortened = (before: number): string => {
  const first = before === 0 ? '' : `${GROUP}(?::${GROUP}){${before - 1}}`;
  return before === 6 ? `${first}::(?:${GROUP})?` : `${first}::(?:${GROUP}(?::${GROUP}){0,${5 - before}})?`;
};
const IPV6 = [`(?:${GROUP}:){7}${GROUP}`, ...[0, 1, 2, 3, 4, 5, 6].map(shortened)].join('|');

const URI_TEXT = "(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*";
/** An authority is a host with what belongs to it, or absent; two slashes without one are no address. */
const URI = `[A-Za-z][A-Za-z0-9+.-]*:(?://${HOST}(?::\\d{1,4})?(?:[/?]${URI_TEXT})?|[A-Za-z0-9]${URI_TEXT})(?:#${URI_TEXT})?`;

/** By name; each matches whole strings. */
export const STRING_FORMATS: Readonly<Record<string, string>> = {
  date: `^${DATE}$`,
  time: `^${CLOCK}${ZONE}$`,
  'date-time': `^${DATE}T${CLOCK}${ZONE}$`,
  duration: `^P(?:${PERIOD}${TIME_PERIOD}?|${TIME_PERIOD}|\\d+W)$`,
  uuid: '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
  email: `^${LOCAL_PART}(?:\\.${LOCAL_PART})*@${LABEL}(?:\\.${LABEL}){1,3}$`,
  hostname: `^${HOST}$`,
  ipv4: `^${IPV4}$`,
  ipv6: `^(?:${IPV6})$`,
  uri: `^${URI}$`,
  'json-pointer': '^(?:/(?:[^~/]|~[01])*)*$',
};
