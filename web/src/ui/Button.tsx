// Buttons in their four weights. A busy button says so and cannot be pressed twice.

import type { ButtonHTMLAttributes } from "react";

const BASE =
  "inline-flex select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-lg font-medium transition-colors disabled:opacity-50";

const VARIANTS = {
  primary: "bg-accent text-on-accent hover:bg-accent-ink",
  outline: "border border-line bg-surface text-ink shadow-card hover:border-line-strong",
  quiet: "text-ink-2 hover:bg-sunken hover:text-ink",
  danger: "border border-line bg-surface text-bad hover:border-bad",
} as const;

const SIZES = { md: "h-9 px-3", lg: "h-10 px-4", icon: "size-9", iconSmall: "size-7" } as const;

type Look = { variant?: keyof typeof VARIANTS; size?: keyof typeof SIZES };

export const buttonClass = ({ variant = "outline", size = "md" }: Look = {}) =>
  `${BASE} ${VARIANTS[variant]} ${SIZES[size]}`;

export function Button({
  variant,
  size,
  busy = false,
  className = "",
  type = "button",
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & Look & { busy?: boolean }) {
  const look = buttonClass({ ...(variant && { variant }), ...(size && { size }) });
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy}
      disabled={busy || rest.disabled}
      className={`${look} ${className}`}
    >
      {children}
    </button>
  );
}
