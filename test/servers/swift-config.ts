/** The five processes: three that store, and two proxies before the same storage, one of them with TLS. */
export const SWIFT_SERVER_NAMES = ['account', 'container', 'object', 'proxy', 'tls-proxy'] as const;

export type SwiftServerName = (typeof SWIFT_SERVER_NAMES)[number];

export type SwiftPorts = Readonly<Record<SwiftServerName, number>>;

/** What the configuration files say; all paths absolute, for Swift changes into `/`. */
export interface SwiftLayout {
  /** Holds the configuration files and the rings. */
  readonly swiftDirectory: string;
  readonly devicesDirectory: string;
  readonly cacheDirectory: string;
  /** The system user the servers run as. */
  readonly userName: string;
  readonly ports: SwiftPorts;
  readonly certFile: string;
  readonly keyFile: string;
}

export const SWIFT_REGION = 'us-east-1';

/** Hosts below this name, `BUCKET.s3.us-east-1.amazonaws.com`, are read as virtual-hosted-style requests. */
export const SWIFT_STORAGE_DOMAIN = 's3.us-east-1.amazonaws.com';

/** Tempauth's users; s3api takes `account:user` for the access key id. */
export const SWIFT_USERS = {
  /** Owns the account and may do all. */
  admin: { accessKeyId: 'test:tester', secretAccessKey: 'testing' },
  /** Signs validly and may do nothing: every request is 403 AccessDenied. */
  limited: { accessKeyId: 'test:limited', secretAccessKey: 'limitedsecret' },
} as const;

/** The text of each configuration file by its name, for OpenStack Swift 2.30. */
export function createSwiftConfig(layout: SwiftLayout): Readonly<Record<string, string>> {
  return {
    'swift.conf': '[swift-hash]\nswift_hash_path_suffix = s3-helper-test\n',
    'account.conf': storageConfig(layout, 'account'),
    'container.conf': storageConfig(layout, 'container'),
    'object.conf': storageConfig(layout, 'object'),
    'proxy.conf': proxyConfig(layout, 'proxy'),
    'tls-proxy.conf': proxyConfig(layout, 'tls-proxy'),
  };
}

function storageConfig(layout: SwiftLayout, name: 'account' | 'container' | 'object'): string {
  return `${defaultSection(layout, name)}
devices = ${layout.devicesDirectory}
mount_check = false
# A machine with a nearly full disk still runs the tests.
disable_fallocate = true
fallocate_reserve = 0
recon_cache_path = ${layout.cacheDirectory}
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;
}

function defaultSection(layout: SwiftLayout, name: SwiftServerName): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${layout.ports[name]}
workers = 0
user = ${layout.userName}
swift_dir = ${layout.swiftDirectory}
log_name = ${name}
log_level = WARNING`;
}

const FILTERS = [
  ...['catch_errors', 'gatekeeper', 'healthcheck', 'cache', 'listing_formats', 'bulk', 's3api', 'tempauth'],
  ...['slo', 'dlo', 'versioned_writes', 'symlink'],
] as const;

/** What a filter is told beyond its name. */
const FILTER_SETTINGS: Readonly<Partial<Record<(typeof FILTERS)[number], string>>> = {
  // Tempauth wants the filter but works without a server behind it; nothing listens on port 1.
  cache: 'memcache_servers = 127.0.0.1:1',
  s3api: `s3_acl = no
check_bucket_owner = false
location = ${SWIFT_REGION}
storage_domain = ${SWIFT_STORAGE_DOMAIN}`,
  tempauth: `user_test_tester = ${SWIFT_USERS.admin.secretAccessKey} .admin
user_test_limited = ${SWIFT_USERS.limited.secretAccessKey}`,
  versioned_writes: 'allow_versioned_writes = true\nallow_object_versioning = true',
};

function proxyConfig(layout: SwiftLayout, name: 'proxy' | 'tls-proxy'): string {
  const tls = name === 'tls-proxy' ? `cert_file = ${layout.certFile}\nkey_file = ${layout.keyFile}\n` : '';
  return `${defaultSection(layout, name)}
${tls}[pipeline:main]
pipeline = ${FILTERS.join(' ')} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
# There is but one replica: a busy machine must not make it be given up on.
conn_timeout = 5
node_timeout = 30
error_suppression_limit = 1000
${FILTERS.map(filterSection).join('\n')}
`;
}

function filterSection(name: (typeof FILTERS)[number]): string {
  const egg = name === 'cache' ? 'memcache' : name;
  return `[filter:${name}]\nuse = egg:swift#${egg}\n${FILTER_SETTINGS[name] ?? ''}`;
}
