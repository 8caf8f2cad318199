# What the runtime needs of others, as headers alone, and GoogleTest from its sources: for a target of which there are no
# packages here. The compiler sees these folders of the host's /usr/include, not the headers of its C library.
set(headers ${CMAKE_BINARY_DIR}/host_headers)
file(MAKE_DIRECTORY ${headers})

function(dsode_header_only target folder)
  file(CREATE_LINK /usr/include/${folder} ${headers}/${folder} SYMBOLIC)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${headers})
  target_compile_definitions(${target} INTERFACE ${ARGN})
endfunction()

dsode_header_only(fmt::fmt fmt FMT_HEADER_ONLY=1)
dsode_header_only(spdlog::spdlog spdlog SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY=1)
dsode_header_only(nlohmann_json::nlohmann_json nlohmann)
dsode_header_only(tomlplusplus::tomlplusplus toml++ TOML_HEADER_ONLY=1)
if(BUILD_TESTING)
  add_subdirectory(/usr/src/googletest ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)
endif()
