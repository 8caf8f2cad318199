# dsode_folder(NAME [DEPS lib...] [TEST_DEPS lib...]): one library `dsode_NAME` of the *.cc of a folder and of the
# folders in it and, where there are *_test.cc, one test program of them. A new file needs no change here. Folders that
# use libtorch share one precompiled header. Libraries are linked whole, since adaptation methods and selectors register
# themselves.
include(GoogleTest)

add_library(dsode_options INTERFACE)
target_include_directories(dsode_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
# GCC 12 takes moved-from vectors for uninitialised ones.
target_compile_options(dsode_options INTERFACE -Wall -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
                                               $<$<BOOL:${DSODE_WERROR}>:-Werror>)
if(DSODE_SANITIZE)
  target_compile_options(dsode_options INTERFACE -fsanitize=${DSODE_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
  target_link_options(dsode_options INTERFACE -fsanitize=${DSODE_SANITIZE})
endif()

function(dsode_folder name)
  cmake_parse_arguments(arg "TORCH" "" "DEPS;TEST_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc */*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz|main)\\.cc$")
  if(sources)
    add_library(dsode_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(dsode_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  foreach(dep IN LISTS arg_DEPS)
    if(dep MATCHES "^dsode_(model|train|adapt)$")
      target_link_libraries(dsode_${name} ${scope} "$<LINK_LIBRARY:WHOLE_ARCHIVE,${dep}>")
    else()
      target_link_libraries(dsode_${name} ${scope} ${dep})
    endif()
  endforeach()
  target_link_libraries(dsode_${name} ${scope} dsode_options)
  if(arg_TORCH AND sources)
    dsode_use_torch(dsode_${name})
  endif()
  if(tests AND BUILD_TESTING)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,dsode_${name}>" ${arg_TEST_DEPS}
                                               GTest::gtest_main)
    if(arg_TORCH)
      dsode_use_torch(${name}_test)
    endif()
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 120 NO_PRETTY_VALUES PROPERTIES LABELS fast)
  endif()
endfunction()
