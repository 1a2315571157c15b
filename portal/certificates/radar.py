def radar(c):
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 90"><rect x="1" y="1" width="98" height="88" fill="none" stroke="#999"/></svg>'
