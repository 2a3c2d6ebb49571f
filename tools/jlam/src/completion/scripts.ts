/** Completion scripts: each asks `jlam completion words` for what may come next, so that they never grow old. */

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The script to be read by the shell's start file. Works for `jlam` in PATH and for `./jlam` in the repository. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case "bash":
      return bash;
    case "zsh":
      return zsh;
    case "fish":
      return fish;
  }
}

// No mapfile: macOS has bash 3.2.
const bash = `# jlam completion for bash: source <(./jlam completion bash)
_jlam() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _jlam jlam ./jlam
`;

const zsh = `#compdef jlam ./jlam
# jlam completion for zsh: source <(./jlam completion zsh)
_jlam() {
  local -a found
  found=("\${(@f)$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _jlam jlam ./jlam
`;

const fish = `# jlam completion for fish: ./jlam completion fish | source
function __jlam_words
  set --local typed (commandline --tokenize --cut-at-cursor --current-process)
  $typed[1] completion words -- $typed[2..-1] (commandline --current-token | string collect --allow-empty) 2>/dev/null
end
complete --command jlam --arguments '(__jlam_words)'
`;
