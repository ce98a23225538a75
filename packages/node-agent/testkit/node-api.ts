/** A fake API server with one node and the other objects that an installation reads. */
import type { ScriptedAnswer, SeenRequest } from '@kata/kube/testkit';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: string;
}

const statusKey = 'katacontainers.io/kata-deploy-status';

export class NodeApi {
  readonly labels: Record<string, string> = {};
  readonly annotations: Record<string, string> = {};
  /** Their reasons. */
  readonly events: string[] = [];
  /** Their notes. */
  readonly notes: string[] = [];
  /** Phase of each status that was written. */
  readonly phases: string[] = [];
  patches = 0;
  isAway = false;
  /** Of the ConfigMap that manages the installation; undefined: there is none. */
  list: Readonly<Record<string, string>> | undefined;
  /** Pods that are bound to the node. */
  pods: readonly object[] = [];
  /** Answers about our DaemonSet, one per request; the last one is repeated. */
  daemonSet: readonly ScriptedAnswer[] = [{ status: 404 }];

  /** Of the status annotation; empty without one. */
  get status(): Record<string, unknown> {
    return JSON.parse(this.annotations[statusKey] ?? '{}') as Record<string, unknown>;
  }

  answer({ method, path, body }: SeenRequest): ScriptedAnswer {
    if (this.isAway) return { status: 403 };
    if (path.startsWith('/api/v1/nodes/n1')) {
      if (method === 'PATCH') this.#patch(body as readonly Operation[]);
      const { labels, annotations } = this;
      return {
        status: 200,
        body: { metadata: { name: 'n1', uid: 'u1', resourceVersion: '1', labels, annotations } },
      };
    }
    if (path.endsWith('/events')) {
      const { reason, note } = body as { readonly reason: string; readonly note: string };
      this.events.push(reason);
      this.notes.push(note);
      return { status: 201, body: {} };
    }
    if (path.endsWith('/configmaps/kata-lifecycle') && this.list !== undefined) {
      return { status: 200, body: { data: this.list } };
    }
    if (path.includes('/daemonsets/')) return this.#nextOfDaemonSet();
    if (/\/pods(\?|$)/.test(path)) return { status: 200, body: { items: this.pods } };
    if (/\/(daemonsets|runtimeclasses)(\?|$)/.test(path)) return { status: 200, body: { items: [] } };
    return { status: 404 };
  }

  #nextOfDaemonSet(): ScriptedAnswer {
    const [next = { status: 404 }, ...rest] = this.daemonSet;
    if (rest.length > 0) this.daemonSet = rest;
    return next;
  }

  #patch(operations: readonly Operation[]): void {
    this.patches += 1;
    for (const { op, path, value = '' } of operations) {
      const [, kind = '', key = ''] = /^\/metadata\/([a-z]+)\/(.+)$/.exec(path) ?? [];
      if (op === 'test' || (kind !== 'labels' && kind !== 'annotations')) continue;
      const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
      if (op === 'remove') delete this[kind][name];
      else this[kind][name] = value;
      if (name === statusKey && kind === 'annotations' && op !== 'remove')
        this.phases.push(String(this.status['phase']));
    }
  }
}
