import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { FAILURES } from '../../src/failures.ts';
import { toErrorCode } from '../../src/telemetry/label-values.ts';
import { METRICS, type MetricRow } from '../../src/telemetry/metrics.ts';
import { ServingTelemetry } from '../../src/telemetry/serving-telemetry.ts';
import { loadText } from '../config/load-text.ts';
import { listExpressions, readObservability } from './read-observability.ts';

const ROWS: Readonly<Record<string, MetricRow>> = METRICS;
const ALL = { ...listExpressions('alerts'), ...listExpressions('dashboard') };

/** What is a metric in PromQL, with what stands in its braces. */
function listSelectors(expression: string): { readonly metric: string; readonly matchers: string }[] {
  return [...expression.matchAll(/\b((?:s3_helper|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', matchers = '']) => ({ metric, matchers }),
  );
}

/** A histogram's series have names of their own. */
function findRow(metric: string): MetricRow | undefined {
  const base = metric.replace(/_(?:bucket|sum|count)$/, '');
  return ROWS[metric] ?? (ROWS[base]?.type === 'histogram' ? ROWS[base] : undefined);
}

test('Every metric of the alerts and the dashboard exists, and most metrics are on the dashboard.', async () => {
  const config = loadText('s3: {bucket: media, region: eu-west-1}\nadmin: {listen: 127.0.0.1:8081}\n');
  const { families } = await new ServingTelemetry(config, 'alone').report('all');
  const ofProcess = new Set(families.map(({ name }) => name));
  for (const [where, expression] of Object.entries(ALL)) {
    const metrics = listSelectors(expression).map(({ metric }) => metric);
    expect([where, metrics.length > 0]).toEqual([where, true]);
    const unknown = metrics.filter((metric) => {
      const isOfLoop = /^nodejs_eventloop_lag_(?:p50|p99|max)_seconds$/.test(metric);
      const isOfProcess = ofProcess.has(metric.replace(/_(?:sum|count|bucket)$/, ''));
      return findRow(metric) === undefined && !isOfLoop && !isOfProcess;
    });
    expect([where, unknown]).toEqual([where, []]);
  }
  const shown = new Set(
    Object.values(listExpressions('dashboard')).flatMap((expression) =>
      listSelectors(expression).map(({ metric }) => metric.replace(/_bucket$/, '')),
    ),
  );
  expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
});

test('Every label that they name is one of the metric’s, and every value one that occurs.', () => {
  const known: Readonly<Record<string, (value: string) => boolean>> = {
    failure: (value) => value === '' || Object.hasOwn(FAILURES, value),
    s3_error_code: (value) => toErrorCode(value) === value,
    code: (value) => toErrorCode(value) === value,
    outcome: (value) => ['sent', 'won', 'applied', 'refused'].includes(value),
    status_class: (value) => /^[1-5]xx$/.test(value),
    state: (value) => ['serving', 'starting', 'draining', 'open', 'busy', 'waiting'].includes(value),
  };
  let compared = 0;
  for (const [where, expression] of Object.entries(ALL)) {
    for (const { metric, matchers } of listSelectors(expression)) {
      for (const [, label = '', , text = ''] of matchers.matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)) {
        if (['job', 'instance'].includes(label)) continue;
        expect([where, metric, findRow(metric)?.labels.includes(label)]).toEqual([where, metric, true]);
        if (text.startsWith('$')) continue;
        const wrong = text.split('|').filter((value) => known[label]?.(value) !== true);
        expect([where, wrong]).toEqual([where, []]);
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(10);
});

test('The alerts have names of their own, a severity and a summary.', () => {
  const { groups } = parse(readObservability('prometheus-alerts.yml')) as {
    groups: { rules: { alert: string; labels: { severity: string }; annotations: { summary: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^S3Helper[A-Z]/);
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\.$/);
  }
});

test('The panels of the dashboard do not overlap, and each has a title and a unit.', () => {
  const { panels } = JSON.parse(
    readFileSync(new URL('../../config/observability/grafana-dashboard.json', import.meta.url), 'utf8'),
  ) as {
    panels: {
      id: number;
      type: string;
      title: string;
      gridPos: { x: number; y: number; w: number; h: number };
      fieldConfig?: { defaults: { unit: string } };
    }[];
  };
  const taken = new Set<string>();
  for (const { type, title, gridPos, fieldConfig } of panels) {
    expect(title).not.toBe('');
    if (type !== 'row') expect(fieldConfig?.defaults.unit).not.toBe('');
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect([title, x < 24, taken.has(`${x} ${y}`)]).toEqual([title, true, false]);
        taken.add(`${x} ${y}`);
      }
    }
  }
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
