// The description of the HTTP API for people: every endpoint with its fields, examples and
// refusals. It shows what the server says of itself and adds nothing.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../api/client";
import {
  type ApiDescription,
  type Content,
  having,
  type Operation,
  type Section,
  sectionsOf,
} from "../api/description";
import { t } from "../i18n/t";
import { useTitle } from "../state/title";
import { CopyBlock } from "../ui/Copy";
import { Logo } from "../ui/icons";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";

const PATH = "/api/openapi.json";

export function ApiPage() {
  useTitle(t("api.title"));
  const description = useQuery({
    queryKey: ["openapi"],
    queryFn: ({ signal }) => request<ApiDescription>("GET", PATH, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <main className="mx-auto flex max-w-[920px] flex-col gap-6 px-4 py-10">
      <header className="flex flex-wrap items-center gap-3">
        <Logo className="!size-9" />
        <div className="mr-auto">
          <h1 className="font-semibold text-[22px] tracking-tight">{t("api.title")}</h1>
          <p className="text-ink-2">{t("api.text")}</p>
        </div>
        <a href={PATH} className="text-accent-ink underline-offset-4 hover:underline">
          {t("api.download")}
        </a>
      </header>
      {description.isPending && (
        <Loading>
          <Skeleton className="h-[420px] rounded-2xl" />
        </Loading>
      )}
      {description.isError && (
        <Failure error={description.error} onRetry={() => description.refetch()} />
      )}
      {description.data && <Sections sections={sectionsOf(description.data)} />}
    </main>
  );
}

function Sections({ sections }: { sections: Section[] }) {
  const [words, setWords] = useState("");
  const found = having(sections, words);
  return (
    <>
      <input
        type="search"
        aria-label={t("api.find")}
        placeholder={t("api.find")}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        className="h-10 w-full rounded-lg border border-line-strong bg-surface px-3"
      />
      {found.length === 0 && <Empty title={t("api.none")}>{t("api.noneText")}</Empty>}
      {found.map((section) => (
        <section key={section.name} aria-label={section.name}>
          <h2 className="font-semibold text-lg tracking-tight">{section.name}</h2>
          <p className="mb-3 text-ink-2">{section.description}</p>
          <ul className="divide-y divide-line rounded-2xl border border-line bg-surface shadow-card">
            {section.operations.map((operation) => (
              <li key={operation.id} id={operation.id}>
                <OperationRow operation={operation} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function OperationRow({ operation }: { operation: Operation }) {
  return (
    <details className="group">
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-3">
        <span className="w-14 font-mono font-semibold text-[12px] text-ink-2">
          {operation.method}
        </span>
        <code className="font-mono text-[13px] [overflow-wrap:anywhere]">{operation.path}</code>
        <span className="ml-auto text-ink-2">{operation.summary}</span>
      </summary>
      <div className="flex flex-col gap-4 border-line border-t bg-sunken/40 px-4 py-4">
        {operation.description && (
          <p className="text-ink-2">
            <Words text={operation.description} />
          </p>
        )}
        <Part title={t("api.access")}>
          <p>{operation.access.map((kind) => kind || t("api.anybody")).join(", ")}</p>
        </Part>
        {operation.parameters.length > 0 && (
          <Part title={t("api.parameters")}>
            <Fields
              fields={operation.parameters.map((parameter) => ({
                ...parameter,
                type: parameter.in,
              }))}
            />
          </Part>
        )}
        {operation.body && (
          <Part title={`${t("api.body")}: ${operation.body.name}`}>
            <ContentOf content={operation.body} />
          </Part>
        )}
        <Part title={t("api.answers")}>
          {operation.answers.map((answer) => (
            <div key={answer.status} className="mb-2">
              <p>
                <code className="mr-2 font-mono font-semibold">{answer.status}</code>
                <Words text={answer.description} />
              </p>
              {answer.status.startsWith("2") && answer.content && (
                <ContentOf content={answer.content} />
              )}
            </div>
          ))}
        </Part>
      </div>
    </details>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <h3 className="mb-1 font-medium text-[13px] text-ink-2">{title}</h3>
      {children}
    </div>
  );
}

function ContentOf({ content }: { content: Content }) {
  return (
    <div className="flex flex-col gap-2">
      {content.fields.length > 0 && <Fields fields={content.fields} />}
      {content.example && (
        <CopyBlock text={content.example} label={t("api.example", { name: content.name })} />
      )}
    </div>
  );
}

function Fields({ fields }: { fields: Content["fields"] }) {
  return (
    <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(8rem,auto)_1fr]">
      {fields.map((field) => (
        <div key={field.name} className="contents">
          <dt>
            <code className="font-mono text-[13px]">{field.name}</code>
          </dt>
          <dd className="text-ink-2">
            <code className="mr-2 font-mono text-[12.5px] text-ink-3">
              {field.type}
              {field.required ? `, ${t("api.required")}` : ""}
            </code>
            <Words text={field.description} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Text in which what stands between backticks is code. */
function Words({ text }: { text: string }) {
  return text.split("`").map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move.
      <code key={at} className="font-mono text-[0.92em] text-ink">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
