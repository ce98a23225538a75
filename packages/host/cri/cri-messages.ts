/** The messages of the Container Runtime Interface that we use, with field numbers of `runtime.v1`, and containerd's own. */
import protobuf from 'protobufjs/light.js';

const field = (type: string, id: number): protobuf.IField => ({ type, id });
const list = (type: string, id: number): protobuf.IField => ({ type, id, rule: 'repeated' });

const messages: Readonly<Record<string, protobuf.AnyNestedObject>> = {
  VersionRequest: { fields: { version: field('string', 1) } },
  VersionResponse: { fields: { runtimeName: field('string', 2), runtimeVersion: field('string', 3) } },
  StatusRequest: { fields: { verbose: field('bool', 1) } },
  StatusResponse: {
    fields: {
      status: field('RuntimeStatus', 1),
      info: { keyType: 'string', type: 'string', id: 2 } as protobuf.IMapField,
      runtimeHandlers: list('RuntimeHandler', 3),
    },
  },
  RuntimeStatus: { fields: { conditions: list('RuntimeCondition', 1) } },
  RuntimeCondition: {
    fields: {
      type: field('string', 1),
      status: field('bool', 2),
      reason: field('string', 3),
      message: field('string', 4),
    },
  },
  RuntimeHandler: { fields: { name: field('string', 1) } },
  ListPodSandboxRequest: { fields: {} },
  ListPodSandboxResponse: { fields: { items: list('PodSandbox', 1) } },
  PodSandboxStatusRequest: { fields: { podSandboxId: field('string', 1), verbose: field('bool', 2) } },
  PodSandboxStatusResponse: {
    fields: { info: { keyType: 'string', type: 'string', id: 2 } as protobuf.IMapField },
  },
  PluginsRequest: { fields: { filters: list('string', 1) } },
  PluginsResponse: { fields: { plugins: list('Plugin', 1) } },
  Plugin: { fields: { type: field('string', 1), id: field('string', 2), initErr: field('PluginError', 7) } },
  PluginError: { fields: { message: field('string', 2) } },
  ListContainersRequest: { fields: {} },
  ListContainersResponse: { fields: { containers: list('Container', 1) } },
  Container: { fields: { podSandboxId: field('string', 2), state: field('int32', 6) } },
  PodSandboxMetadata: {
    fields: { name: field('string', 1), uid: field('string', 2), namespace: field('string', 3) },
  },
  PodSandbox: {
    fields: {
      id: field('string', 1),
      metadata: field('PodSandboxMetadata', 2),
      state: field('int32', 3),
      runtimeHandler: field('string', 7),
    },
  },
};

const root = protobuf.Root.fromJSON({ nested: messages });

export function encodeMessage(name: string, value: Readonly<Record<string, unknown>>): Buffer {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.fromObject({ ...value })).finish());
}

/** Absent fields have their default values, absent messages are null; unknown fields are dropped. */
export function decodeMessage(name: string, bytes: Uint8Array): unknown {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { defaults: true });
}
