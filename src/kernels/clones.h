// One loop compiled for several instruction sets, the best of them taken when the program is loaded.
#pragma once

// A resolver runs before a sanitizer's runtime is ready, so sanitized builds keep the default alone.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DSODE_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DSODE_SANITIZED
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(DSODE_SANITIZED)
#define DSODE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DSODE_CLONES
#endif
