import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A file of config/observability/. */
export function readObservability(name: string): string {
  return readFileSync(new URL(`../../config/observability/${name}`, import.meta.url), 'utf8');
}

/** All PromQL of the alert rules or of the dashboard, by where it stands. */
export function listExpressions(of: 'alerts' | 'dashboard'): Readonly<Record<string, string>> {
  return Object.fromEntries(of === 'alerts' ? listAlerts() : listPanels());
}

function listAlerts(): [string, string][] {
  const { groups } = parse(readObservability('prometheus-alerts.yml')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  return groups.flatMap(({ rules }) => rules.map(({ alert, expr }): [string, string] => [alert, expr]));
}

function listPanels(): [string, string][] {
  const { panels, templating } = JSON.parse(readObservability('grafana-dashboard.json')) as {
    panels: { title: string; targets?: { refId: string; expr: string }[] }[];
    templating: { list: { name: string; definition?: string }[] };
  };
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }): [string, string] => [`${title} ${refId}`, expr]),
  );
  const ofVariables = templating.list.flatMap(({ name, definition }): [string, string][] => {
    const selector = /^label_values\((.*), \w+\)$/.exec(definition ?? '')?.[1];
    return selector === undefined ? [] : [[`variable ${name}`, selector]];
  });
  return [...ofPanels, ...ofVariables];
}
