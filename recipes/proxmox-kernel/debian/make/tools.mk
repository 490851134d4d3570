# perf. It takes every library that it finds, so the recipe's build-depends say what is in it; two that its licence does not go
# together with are kept out and looked for.

PERF := $(BUILD)/perf
PERF_WITHOUT := NO_LIBTRACEEVENT=1 HAVE_NO_LIBBFD=1 HAVE_CPLUS_DEMANGLE_SUPPORT=1 NO_LIBPYTHON=1 NO_LIBPERL=1 NO_LIBCRYPTO=1 NO_JVMTI=1 \
  NO_LIBCAP=1
PERF_OPTIONS := prefix=/usr $(call with,perf-libraries,$(PERF_WITHOUT)) PYTHON=python3 PYTHON_CONFIG=true
PERF_COMPILER := gcc $(call with,perf-prefix-map,$(PREFIX_MAP))
# Python writes the event tables; without libpython its flags, for which perf would want python3-dev, are not used.

# The event tables follow the order of the folder where neither we nor the kernel have mended it.
EVENTS := $(KERNEL)/tools/perf/pmu-events/jevents.py
SORT_EVENTS := grep -q 'sorted(os.scandir(' $(EVENTS) || \
  sed -i '/for item in os\.scandir(/s/os\.scandir(\([A-Za-z_.]*\))/sorted(os.scandir(\1), key=lambda entry: entry.name)/' $(EVENTS)

ifeq ($(TOOLS),yes)
tools:
	$(UMASK) mkdir -p $(PERF)
	$(call with,perf-event-order,$(SORT_EVENTS))
	+$(UMASK) $(MAKE) -C $(KERNEL)/tools/perf $(JOBS) O=$(PERF)/ $(PERF_OPTIONS) V=0 WERROR=0 \
	  CC='$(PERF_COMPILER)' HOSTCC='$(PERF_COMPILER)' NO_BPF_SKEL=1
	debian/bin/check-licence $(PERF)/perf
	$(if $(WITH_DOC),+$(UMASK) $(MAKE) -C $(KERNEL)/tools/perf $(JOBS) O=$(PERF)/ $(PERF_OPTIONS) man)
else
tools:
endif

.PHONY: tools
