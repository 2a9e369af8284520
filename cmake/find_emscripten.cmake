# Sets EMSCRIPTEN_ROOT (the folder of emcc.py) and EMSCRIPTEN_FOUND_VERSION, or leaves EMSCRIPTEN_ROOT empty: EMSDK first,
# then the em++ on PATH, then the private one in the cache folder; version 4 or newer counts.
# As a script (`cmake -P`) it prints "<version> <root>", which is how scripts/toolchain.mjs asks.
include(${CMAKE_CURRENT_LIST_DIR}/cache_dir.cmake)

set(EMSCRIPTEN_ROOT "")
set(roots "")
if(DEFINED ENV{EMSDK})
  list(APPEND roots $ENV{EMSDK}/upstream/emscripten)
endif()
find_program(emxx em++ NO_CACHE)
if(emxx)
  file(REAL_PATH ${emxx} emxx)
  get_filename_component(emxx_dir ${emxx} DIRECTORY)
  list(APPEND roots ${emxx_dir})
endif()
file(GLOB private_roots ${HALFTONE_CACHE}/emscripten-*/usr/share/emscripten)
list(SORT private_roots COMPARE NATURAL ORDER DESCENDING)
list(APPEND roots ${private_roots})

foreach(root IN LISTS roots)
  if(NOT EMSCRIPTEN_ROOT AND EXISTS ${root}/emscripten-version.txt)
    file(READ ${root}/emscripten-version.txt version)
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${version}")
    if(version VERSION_GREATER_EQUAL 4)
      set(EMSCRIPTEN_ROOT ${root})
      set(EMSCRIPTEN_FOUND_VERSION ${version})
    endif()
  endif()
endforeach()

if(CMAKE_SCRIPT_MODE_FILE AND EMSCRIPTEN_ROOT)
  execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${EMSCRIPTEN_FOUND_VERSION} ${EMSCRIPTEN_ROOT}")
endif()
