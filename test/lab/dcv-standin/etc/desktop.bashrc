# The terminal on a stand-in desktop: the user's own settings, then a prompt that cannot be overlooked.
[ -r ~/.bashrc ] && . ~/.bashrc
PS1='\[\e[1;33m\]\u@\h\[\e[0m\] \w \$ '
printf '\e[1;33m%s\e[0m   %s\n\n' "$(uname -n)" "session ${DCV_SESSION_ID:-?}"
PROMPT_COMMAND='[ -p "$DCV_STANDIN_TERMINAL" ] && echo >"$DCV_STANDIN_TERMINAL"; unset PROMPT_COMMAND'
