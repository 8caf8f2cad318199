# libdsode, shared and static: src/run behind its C API with all that it needs but the C++ library, for programs of
# others. `cmake --install BUILD --component runtime` installs it with header, CMake package and pkg-config file.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Debian has fmt as a shared library only. As headers it is inline functions: this keeps them all, the linker those used.
set(fmt ${CMAKE_CURRENT_BINARY_DIR}/fmt.cc)
file(CONFIGURE OUTPUT ${fmt} CONTENT "#define FMT_HEADER_ONLY\n#include <fmt/ranges.h>\n")
add_library(dsode_fmt OBJECT ${fmt})
set_target_properties(dsode_fmt PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
target_include_directories(dsode_fmt PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_options(dsode_fmt PRIVATE -fkeep-inline-functions -ffunction-sections)

set(exports ${CMAKE_CURRENT_BINARY_DIR}/exports.map)
file(CONFIGURE OUTPUT ${exports} CONTENT "{ global: dsode_*; local: *; };\n")
add_library(dsode SHARED $<TARGET_OBJECTS:dsode_fmt>)
target_link_libraries(dsode PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,dsode_run>")
target_link_options(dsode PRIVATE LINKER:--gc-sections,--as-needed,--version-script=${exports})
set_target_properties(dsode PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINKER_LANGUAGE CXX)

add_library(dsode_static STATIC $<TARGET_OBJECTS:dsode_fmt>)
foreach(folder IN ITEMS base ode ir kernels run)
  target_sources(dsode_static PRIVATE $<TARGET_OBJECTS:dsode_${folder}>)
endforeach()
set_target_properties(dsode_static PROPERTIES OUTPUT_NAME dsode LINKER_LANGUAGE CXX)
target_link_libraries(dsode_static INTERFACE Threads::Threads stdc++ m)

foreach(library IN ITEMS dsode dsode_static)
  target_include_directories(${library} INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src/run>
                                                  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/dsode)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/dsode-config.cmake CONTENT
     "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)\ninclude(\${CMAKE_CURRENT_LIST_DIR}/dsode-targets.cmake)\n" @ONLY)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/dsode-config-version.cmake COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/dsode.pc @ONLY CONTENT "prefix=\${pcfiledir}/@up@
libdir=\${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@

Name: dsode
Description: runs dsODENet models
Version: @PROJECT_VERSION@
Cflags: -I\${includedir}
Libs: -L\${libdir} -ldsode
Libs.private: -lstdc++ -lm -pthread
")
install(TARGETS dsode dsode_static EXPORT dsode-targets COMPONENT runtime)
install(FILES dsode/runtime.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dsode COMPONENT runtime)
install(EXPORT dsode-targets NAMESPACE dsode:: DESTINATION ${package} COMPONENT runtime)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/dsode-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/dsode-config-version.cmake
        DESTINATION ${package} COMPONENT runtime)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/dsode.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT runtime)
