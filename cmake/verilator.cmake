# The accelerator's RTL in the build: its generated package, lint, and what Verilator makes of it.
find_program(VERILATOR verilator REQUIRED)
execute_process(COMMAND ${VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)
find_package(Threads REQUIRED)

file(GLOB DSODE_RTL CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/lib/*.sv ${CMAKE_SOURCE_DIR}/rtl/core/*.sv)
list(FILTER DSODE_RTL EXCLUDE REGEX "dsode_pkg\\.sv$")
list(APPEND DSODE_RTL ${CMAKE_SOURCE_DIR}/rtl/sim/DSP48E2.sv)  # a stand-in: synthesis for Xilinx has the slice itself
# Models of the FPGA's cells that Yosys has no models of, for its netlists.
file(GLOB DSODE_PRIMITIVES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/sim/*.sv)
list(APPEND DSODE_PRIMITIVES ${CMAKE_SOURCE_DIR}/rtl/lib/dsode_delay.sv)
set(DSODE_RTL_PACKAGE ${CMAKE_SOURCE_DIR}/rtl/core/dsode_pkg.sv)

set(runtime ${VERILATOR_ROOT}/include)
add_library(dsode_verilated STATIC EXCLUDE_FROM_ALL ${runtime}/verilated.cpp ${runtime}/verilated_fst_c.cpp ${runtime}/verilated_threads.cpp)
if(DSODE_RTL_COVERAGE)
  target_sources(dsode_verilated PRIVATE ${runtime}/verilated_cov.cpp)
endif()
set_target_properties(dsode_verilated PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_include_directories(dsode_verilated SYSTEM PUBLIC ${runtime} ${runtime}/vltstd)
target_compile_definitions(dsode_verilated PUBLIC VM_TRACE=1 VM_TRACE_FST=1
                                                  VM_COVERAGE=$<BOOL:${DSODE_RTL_COVERAGE}> VM_SC=0)
target_link_libraries(dsode_verilated PUBLIC Threads::Threads ZLIB::ZLIB)

# The generated package of a target: ${CMAKE_BINARY_DIR}/rtl/<target>/dsode_cfg_pkg.sv
function(dsode_config_package target)
  set(package ${CMAKE_BINARY_DIR}/rtl/${target}/dsode_cfg_pkg.sv)
  if(NOT TARGET config_package_${target})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/rtl/${target})
    add_custom_command(OUTPUT ${package}
                       COMMAND config_package ${CMAKE_SOURCE_DIR}/fpga/${target}/target.toml ${package}
                       DEPENDS config_package ${CMAKE_SOURCE_DIR}/fpga/${target}/target.toml)
    add_custom_target(config_package_${target} DEPENDS ${package})
  endif()
endfunction()

# Tests that TOP is clean under -Wall for the target; rtl/lint.vlt says what is let pass and why.
function(dsode_lint top target)
  dsode_config_package(${target})
  add_test(NAME lint.${top}.${target}
           COMMAND ${VERILATOR} --lint-only -Wall --top-module ${top} ${CMAKE_SOURCE_DIR}/rtl/lint.vlt
                   ${CMAKE_BINARY_DIR}/rtl/${target}/dsode_cfg_pkg.sv ${DSODE_RTL_PACKAGE} ${DSODE_RTL})
  set_tests_properties(lint.${top}.${target} PROPERTIES LABELS fast)
endfunction()

# dsode_verilate(NAME TOP target [TRACE] [PARAMETERS name=value ...] [NETLIST file]): a static library of the module TOP, compiled
# by Verilator for a target of fpga/, whose C++ class is V<NAME>; with TRACE it can write waves. The package of constants comes
# from config_package, so that all of it happens when building. With NETLIST that file is compiled in place of the sources.
function(dsode_verilate name top target)
  cmake_parse_arguments(arg "TRACE" "NETLIST" "PARAMETERS" ${ARGN})
  list(TRANSFORM arg_PARAMETERS PREPEND -G)
  set(options "")
  if(arg_TRACE)
    set(options --trace-fst --trace-depth 4)
  endif()
  if(DSODE_RTL_COVERAGE)
    list(APPEND options --coverage-line)
  endif()
  dsode_config_package(${target})
  set(package ${CMAKE_BINARY_DIR}/rtl/${target}/dsode_cfg_pkg.sv)
  set(sources ${CMAKE_SOURCE_DIR}/rtl/lint.vlt ${package} ${DSODE_RTL_PACKAGE} ${DSODE_RTL})
  set(checks --noassert -Wall)
  set(optimize "")
  if(arg_NETLIST)
    set(sources ${arg_NETLIST} ${DSODE_PRIMITIVES})
    set(checks --assert -Wno-lint -Wno-style -Wno-UNOPTFLAT)  # the models' assertions say what they do not model
    set(optimize -O1)                                         # one function of 80,000 lines
  endif()
  set(folder ${CMAKE_BINARY_DIR}/rtl/V${name})
  set(source ${folder}.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}
    COMMAND ${VERILATOR} --cc -O3 --x-assign fast --x-initial unique ${checks} ${options} --output-split 0
            --Mdir ${folder} --prefix V${name} --top-module ${top} ${arg_PARAMETERS} ${sources}
    COMMAND sh -c "cat ${folder}/*.cpp > ${source}"
    DEPENDS ${sources}
    COMMENT "Verilating ${top} for ${target}" VERBATIM)
  add_library(dsode_v${name} STATIC EXCLUDE_FROM_ALL ${source})
  set_target_properties(dsode_v${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(dsode_v${name} SYSTEM PUBLIC ${folder})
  target_compile_options(dsode_v${name} PRIVATE -w -fno-strict-aliasing ${optimize})
  target_link_libraries(dsode_v${name} PUBLIC dsode_verilated)
endfunction()

# simulators/<name>.so, the name that of the target unless said: what `dsodenet simulate` loads for a target of fpga/. Those of
# large arrays take minutes to compile, and are built only when asked for: target simulator_<name>.
function(dsode_simulator target)
  cmake_parse_arguments(arg "" "NAME" "" ${ARGN})
  if(NOT arg_NAME)
    set(arg_NAME ${target})
  endif()
  string(MAKE_C_IDENTIFIER ${arg_NAME} name)
  dsode_verilate(${name} dsode_top ${target} TRACE ${arg_UNPARSED_ARGUMENTS})
  set(source ${CMAKE_BINARY_DIR}/rtl/${name}_simulator.cc)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"V@name@.h\"
#include \"accel/verilated_core.h\"

DSODE_SIMULATOR(V@name@)
")
  add_library(simulator_${arg_NAME} MODULE EXCLUDE_FROM_ALL ${source})
  set_target_properties(simulator_${arg_NAME} PROPERTIES PREFIX "" OUTPUT_NAME ${arg_NAME}
                                                         LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/simulators)
  target_link_libraries(simulator_${arg_NAME} PRIVATE dsode_v${name} dsode_options)
endfunction()

# The simulator <target>-netlist, of what Yosys makes of the target for UltraScale+.
function(dsode_netlist_simulator target)
  dsode_config_package(${target})
  set(netlist ${CMAKE_BINARY_DIR}/rtl/${target}/netlist.v)
  set(sources ${CMAKE_BINARY_DIR}/rtl/${target}/dsode_cfg_pkg.sv ${DSODE_RTL_PACKAGE} ${DSODE_RTL})
  list(FILTER sources EXCLUDE REGEX "/sim/")
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/netlist/* ${CMAKE_SOURCE_DIR}/fpga/ultrascale_plus*)
  add_custom_command(OUTPUT ${netlist} COMMAND ${CMAKE_SOURCE_DIR}/rtl/netlist/netlist.sh ${netlist} ${sources}
                     DEPENDS ${sources} ${scripts} COMMENT "Synthesising ${target}" VERBATIM)
  dsode_simulator(${target} NAME ${target}-netlist NETLIST ${netlist})
endfunction()
