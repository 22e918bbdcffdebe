// Figures as people read them.

export const percent = (part) => (part === null ? "–" : `${Math.round(part * 100)} %`);

/** `12.5 ms`, or `over 10 s` where nobody counted how long. */
export const latency = ({ ms, is_over }) => (is_over ? `over ${ms / 1000} s` : `${ms} ms`);
