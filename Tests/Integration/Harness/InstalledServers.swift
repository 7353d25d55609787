import Reporting

/// What Debian's packages do when they are installed rather than unpacked, and an operator's settings before a
/// move: `example.it` and `a_b.example.org` are mail domains here, `old.example.net` is the server itself and
/// stays. To be run as a step on a `ScratchMachine`.
enum InstalledServers {
    static func exim(isSplit: Bool) -> String {
        """
        mkdir -p /var/spool/exim4 /var/log/exim4
        chown Debian-exim: /var/spool/exim4 /var/log/exim4
        touch /etc/aliases
        cat >/etc/exim4/update-exim4.conf.conf <<'END'
        dc_eximconfig_configtype='internet'
        dc_other_hostnames='old.example.net;example.it;example.org'
        dc_local_interfaces='127.0.0.1'
        dc_use_split_config='\(isSplit)'
        dc_minimaldns='false'
        dc_localdelivery='mail_spool'
        CFILEMODE='644'
        END
        update-exim4.conf
        """
    }

    /// One of the domains is in mydestination, the other among the virtual ones.
    static let postfix = """
        cp /usr/share/postfix/main.cf.debian /etc/postfix/main.cf
        cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
        echo 'someone@a_b.example.org someone/' >/etc/postfix/mailboxes
        postconf -e 'myhostname = old.example.net' 'mydestination = localhost, old.example.net, example.it' \
            'virtual_mailbox_domains = a_b.example.org' 'virtual_mailbox_base = /var/mail' \
            'virtual_mailbox_maps = texthash:/etc/postfix/mailboxes' 'alias_maps =' 'mynetworks = 192.0.2.0/24' \
            'inet_interfaces = 127.0.0.1' 'inet_protocols = ipv4' 'maillog_file = /var/log/mail.log'
        # Names come from the hosts file; files for chroots are copied by the unit that Debian starts.
        postconf -e 'smtp_dns_support_level = disabled' 'smtp_host_lookup = native' 'address_verify_poll_delay = 1s'
        postconf -F '*/*/chroot = n'
        \(postfixAge)
        """

    /// Postfix reads a file that changed in this second again, some time later. Tests need not wait for that.
    static let postfixAge = "find /etc/postfix -type f -exec touch -d '1 minute ago' {} +"

    static func postfixAging(_ commands: some Sequence<String>) -> String {
        commands.map { "\($0)\n\(postfixAge)" }.joined(separator: "\n")
    }

    /// Whom Postfix wants its files to belong to before it starts.
    static let postfixOwners = """
        chown postfix: /var/lib/postfix
        chgrp postdrop /usr/sbin/postqueue /usr/sbin/postdrop
        chmod g+s /usr/sbin/postqueue /usr/sbin/postdrop
        """

    /// `exampleXit` and `sub.example.it` look like a domain that moves, and do not move.
    static let sendmail = """
        ln -sf ../libexec/sendmail/sendmail /usr/sbin/sendmail
        cp /usr/share/sendmail/cf/debian/sendmail.mc /etc/mail/sendmail.mc
        mkdir -p /etc/mail/m4
        touch /etc/mail/m4/dialup.m4 /etc/mail/m4/provider.m4 /etc/mail/access
        printf '%s\\n' Example.IT exampleXit sub.example.it old.example.net a_b.example.org \
            >/etc/mail/local-host-names
        m4 /etc/mail/sendmail.mc >/etc/mail/sendmail.cf
        makemap hash /etc/mail/access </etc/mail/access
        """

    static let opensmtpd = """
        touch /etc/aliases
        sed -i 's/^match for local/match from any for domain "example.it" action "local"\\n&/' /etc/smtpd.conf
        """

    static let haproxy = """
        mkdir -p /run/haproxy /var/lib/haproxy
        ip address add 198.51.100.7/32 dev lo
        """
}

extension ForwardingRecipe {
    /// Writes the files, as a reader of the recipe would.
    var installation: String {
        files.map { file in
            let mark = "END OF FILE"
            return """
                mkdir -p "$(dirname \(file.path))"
                cat \(file.placement == .own ? ">" : ">>")\(file.path) <<'\(mark)'
                \(file.contents)\(mark)

                """
        }.joined()
    }

    func script(_ purpose: ForwardingStep.Purpose) -> String {
        commands(purpose).joined(separator: "\n")
    }

    /// The undo, without the commands to a service manager that is not there.
    var removal: String {
        undo.flatMap(\.commands).filter { !$0.hasPrefix("systemctl") }.joined(separator: "\n")
    }
}
