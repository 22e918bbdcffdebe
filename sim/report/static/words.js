// Figures as people read them.

export const percent = (part) => (part === null ? "–" : `${Math.round(part * 100)} %`);

/** `12.5 ms`, `5.3 s`, or `over 10 s` where nobody counted how long. */
export const latency = ({ ms, is_over }) => (is_over ? `over ${ms / 1000} s` : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Whether an `X-Cache` tells of a hit: `HIT`, `Hit from cloudfront`, `TCP_MEM_HIT from a23-1`. */
export const isHit = (verdict) => /(^|_)hit\b/i.test(verdict);
