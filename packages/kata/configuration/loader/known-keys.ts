/**
 * The keys of a configuration that Kata's runtimes read, and the kind of value of each.
 *
 * Facts about Kata Containers 4.1: for Go from `src/runtime/pkg/katautils/config.go`, for Rust from
 * `src/libs/kata-types/src/config`, both with the other keys in the shipped configurations of that release.
 */
import type { Shim } from '../../shims.ts';

/** For a number: its minimum and maximum; a runtime refuses all others. */
export type ValueKind =
  | 'string'
  | 'strings'
  | 'boolean'
  | 'float'
  | 'tables'
  | 'table'
  | 'u8'
  | 'u32'
  | 'u64'
  | 'i32'
  | 'i64';

export type KnownKeys = ReadonlyMap<string, ValueKind>;

/** `[hypervisor.<name>]` and `[agent.<name>]` have a name; the others have none. */
export interface KnownTables {
  readonly hypervisor: KnownKeys;
  readonly agent: KnownKeys;
  readonly runtime: KnownKeys;
  readonly factory: KnownKeys;
}

function keys(byKind: Partial<Record<ValueKind, string>>): KnownKeys {
  const kinds = Object.entries(byKind) as [ValueKind, string][];
  return new Map(kinds.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)));
}

const go: KnownTables = {
  hypervisor: keys({
    string:
      'path jailer_path kernel initrd image rootfs_type firmware firmware_volume igvm machine_accelerators cpu_features kernel_params kernel_verity_params machine_type block_device_driver entropy_source shared_fs virtio_fs_daemon virtio_fs_cache vhost_user_store_path guest_hook_path guest_memory_dump_path seccompsandbox block_device_aio remote_hypervisor_socket snp_id_block snp_id_auth measurement_algo hot_plug_vfio cold_plug_vfio extra_monitor_socket',
    strings:
      'valid_hypervisor_paths valid_jailer_paths valid_virtio_fs_daemon_paths virtio_fs_extra_args pflashes valid_vhost_user_store_paths valid_entropy_sources enable_annotations numa_mapping',
    boolean:
      'block_device_cache_set block_device_cache_direct block_device_cache_noflush enable_vhost_user_store disable_block_device_use enable_mem_prealloc reclaim_guest_freed_memory enable_hugepages enable_virtio_mem enable_iommu enable_iommu_platform enable_numa enable_debug disable_nesting_checks enable_iothreads disable_image_nvdimm disable_vhost_net guest_memory_dump_paging confidential_guest sev_snp_guest enable_guest_swap rootless disable_seccomp disable_selinux disable_guest_selinux use_legacy_serial',
    float: 'default_vcpus',
    u32: 'tdx_quote_generation_service_socket_port hypervisor_loglevel virtio_fs_cache_size virtio_fs_queue_size default_maxvcpus default_memory memory_slots default_bridges msize_9p remote_hypervisor_timeout block_device_logical_sector_size block_device_physical_sector_size vhost_user_reconnect_timeout_sec indep_iothreads pcie_root_port pcie_switch_port',
    u64: 'rx_rate_limiter_max_rate tx_rate_limiter_max_rate memory_offset default_maxmemory snp_guest_policy',
    i64: 'disk_rate_limiter_bw_max_rate disk_rate_limiter_bw_one_time_burst disk_rate_limiter_ops_max_rate disk_rate_limiter_ops_one_time_burst net_rate_limiter_bw_max_rate net_rate_limiter_bw_one_time_burst net_rate_limiter_ops_max_rate net_rate_limiter_ops_one_time_burst',
    tables: 'guest_extension_images',
  }),
  agent: keys({
    strings: 'kernel_modules',
    boolean: 'enable_debug enable_tracing debug_console_enabled visible_cdi_devices',
    u32: 'dial_timeout cdh_api_timeout launch_process_timeout',
  }),
  runtime: keys({
    string:
      'internetworking_model jaeger_endpoint jaeger_user jaeger_password vfio_mode guest_selinux_label emptydir_mode dan_conf pod_resource_api_sock kubelet_root_dir',
    strings: 'sandbox_bind_mounts experimental',
    boolean:
      'enable_tracing disable_new_netns disable_guest_seccomp enable_vcpus_pinning enable_debug sandbox_cgroup_only static_sandbox_resource_mgmt enable_pprof disable_guest_empty_dir experimental_force_guest_pull',
    u64: 'create_container_timeout',
  }),
  factory: keys({
    string: 'template_path vm_cache_endpoint',
    boolean: 'enable_template',
    u64: 'vm_cache_number',
  }),
};

const rust: KnownTables = {
  hypervisor: keys({
    string:
      'path ctlpath jailer_path block_device_driver block_device_aio vhost_user_store_path kernel kernel_params kernel_verity_params initrd image rootfs_type firmware vm_rootfs_driver cpu_features log_level guest_memory_dump_path extra_monitor_socket dbg_monitor_socket cold_plug_vfio machine_type machine_accelerators entropy_source hugepage_type guest_swap_path snp_id_block snp_id_auth guest_hook_path initdata seccomp_sandbox selinux_label shared_fs virtio_fs_daemon virtio_fs_cache hypervisor_socket default_gpu_model memory_path device_state_path prefetch_list_path',
    strings:
      'valid_hypervisor_paths valid_ctlpaths valid_jailer_paths valid_vhost_user_store_paths pflashes valid_entropy_sources enable_annotations valid_virtio_fs_daemon_paths virtio_fs_extra_args',
    boolean:
      'disable_nesting_checks enable_iothreads disable_block_device_use block_device_cache_set block_device_cache_direct block_device_cache_noflush disable_image_nvdimm enable_vhost_user_store enable_debug guest_memory_dump_paging hotplug_vfio_on_root_bus enable_iommu enable_iommu_platform reclaim_guest_freed_memory enable_mem_prealloc enable_hugepages enable_virtio_mem enable_guest_swap disable_vhost_net rootless disable_seccomp confidential_guest sev_snp_guest virtio_fs_is_dax boot_to_be_template boot_from_template disable_guest_selinux disable_selinux',
    float: 'default_vcpus overhead_vcpus',
    u32: 'indep_iothreads block_device_logical_sector_size block_device_physical_sector_size queue_size default_maxvcpus default_bridges pcie_root_port pcie_switch_port default_memory overhead_memory default_maxmemory memory_slots network_queues snp_guest_policy tdx_quote_generation_service_socket_port virtio_fs_cache_size virtio_fs_queue_size default_gpus',
    u64: 'memory_offset disk_rate_limiter_bw_max_rate disk_rate_limiter_bw_one_time_burst disk_rate_limiter_ops_max_rate disk_rate_limiter_ops_one_time_burst num_queues guest_swap_size_percent guest_swap_create_threshold_secs rx_rate_limiter_max_rate tx_rate_limiter_max_rate',
    i32: 'hypervisor_timeout',
    tables: 'guest_extension_images',
    table: 'factory rootless_user',
  }),
  agent: keys({
    string: 'log_level',
    strings: 'kernel_modules',
    boolean: 'enable_debug enable_tracing debug_console_enabled',
    u32: 'server_port log_port passfd_listener_port dial_timeout_ms reconnect_timeout_ms request_timeout_ms health_check_request_timeout_ms create_container_timeout cdh_api_timeout_ms launch_process_timeout_ms container_pipe_size',
    table: 'mem_agent',
  }),
  runtime: keys({
    string:
      'name hypervisor_name agent_name log_level internetworking_model jaeger_endpoint jaeger_user jaeger_password vfio_mode dan_conf emptydir_mode pod_resource_api_sock kubelet_root_dir',
    strings: 'experimental sandbox_bind_mounts',
    boolean:
      'enable_debug disable_new_netns sandbox_cgroup_only enable_tracing enable_pprof static_sandbox_resource_mgmt disable_guest_seccomp disable_guest_empty_dir keep_abnormal use_passfd_io enable_vcpus_pinning',
    u32: 'static_sandbox_default_workload_mem passfd_listener_port',
    tables: 'shared_mounts',
  }),
  // Rust has it in the table of the hypervisor.
  factory: new Map(),
};

export const knownTables: Readonly<Record<Shim['language'], KnownTables>> = { go, rust };

/** A table with any other name is refused. */
export const hypervisorNames: Readonly<Record<Shim['language'], readonly string[]>> = {
  go: ['qemu', 'clh', 'firecracker', 'dragonball', 'stratovirt', 'remote'],
  rust: ['qemu', 'clh', 'cloud-hypervisor', 'firecracker', 'dragonball', 'remote', 'openvmm'],
};
