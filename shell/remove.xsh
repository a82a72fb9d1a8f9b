# What `hflint init xonsh --remove` prints: takes the hook out of this shell and puts back what it changed.
def __hflint_remove():
    from xonsh.events import events

    for handler in list(events.on_pre_prompt_format):
        if hasattr(handler, 'hflint'):
            handler.hflint.remove()


__hflint_remove()
del __hflint_remove
