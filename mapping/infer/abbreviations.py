"""Short forms of words, as old schemas use them, and words that mean the same in a column's name."""

from __future__ import annotations


def these(text: str) -> frozenset[str]:
    """The words of a text as a set: lists of many words read better without quotes."""
    return frozenset(text.split())


_SHORT = """
acc acct=account act=active addr adr=address adm=admin agt=agent amt=amount appr=approved
apt=appointment arr=arrival attr=attribute auth=author avg=average bal=balance bgn=begin bld=building
br brn=branch cat catg=category ccy cur curr=currency cd=code chk=check clr col=color clnt=client
cmt cmnt=comment cnt=count cntct ctc=contact cntry ctry=country co cmp comp=company con=contract
crt cre cr=created ctg=category cty=city cust cst=customer del dlt=deleted dept dpt=department
desc dsc descr=description disc=discount dlv dlvr=delivery doc=document dob=birthdate dt dte=date
dtl det=detail dur=duration eff=effective eml=email emp=employee end=end ent=entity evt=event
exp=expiry ext=external fax=fax fee=fee flg fl flag=flag fnm=firstname fst frst=first gndr=gender
grp=group hdr=header hr=hour img=image ind=indicator inv=invoice itm=item jb=job lang lng=language
lb=label lct loc=location ln lin=line lnm=lastname lst=last lvl=level mgr=manager mbr mem=member
mth mon=month mod=modified msg=message mst mstr=master nm nam=name no nr num nbr nmbr=number nt=note
ob obj=object occ=occupation opr=operator ord=order org=organization own ownr=owner pat=patient
pct prcnt=percent ph phn tel=phone pic=picture pmt pymt pay=payment pos=position prc prce=price
prd prod pdt=product prj proj=project prm=parameter prty=priority pwd passwd pass=password qty=quantity
rcv=received rec=record ref=reference reg=region req=request res=result resp=response rm=room
rmk rmrk=remark rt=rate sal=salary sch schd=schedule sec=section seq=sequence ser srl=serial
shp ship=shipment sls=sales sp spec=specification st sts stat stts=status str strt=start
strnm=streetname sts=status sub=subject sup supp spl vnd vend=supplier sz siz=size tbl=table tck tkt=ticket
tm tim=time tot ttl=total trn txn trx tx=transaction ts tmst tstmp=timestamp typ tp=type uom=unit
unt=unit upd updt up=updated usr=user val vl=value veh=vehicle ver vrsn=version vst=visit
wgt wt=weight whs wh whse=warehouse wk=week xref=reference yr=year zip plz=postcode
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """Short form -> the words it may stand for."""
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[str] = []
    for part in text.split():
        short, mark, word = part.partition("=")
        waiting.append(short)
        if mark:
            for one in waiting:
                found[one] = (*found.get(one, ()), word)
            waiting = []
    return found


SHORT = _read(_SHORT)

CLASSES: tuple[frozenset[str], ...] = (
    frozenset(
        {"at", "on", "date", "time", "datetime", "timestamp", "day", "when", "moment", "stamp"}
    ),
    frozenset({"created", "creation", "create", "inserted", "added", "registered", "entered"}),
    frozenset({"updated", "update", "modified", "changed", "edited", "modification"}),
    frozenset({"deleted", "removed", "deletion", "archived"}),
    frozenset({"number", "id", "code", "key", "identifier"}),
    frozenset({"quantity", "count", "amount"}),
    frozenset({"description", "text", "details"}),
    frozenset({"phone", "telephone", "mobile"}),
    frozenset({"postcode", "zip", "zipcode", "postal"}),
    frozenset({"organization", "organisation", "company", "tenant"}),
    frozenset({"user", "account", "by"}),
    frozenset({"supplier", "vendor"}),
    frozenset({"cancelled", "canceled"}),
    frozenset({"state", "status"}),
    frozenset({"kind", "type", "category"}),
    frozenset({"note", "remark", "comment", "memo"}),
    frozenset({"picture", "image", "photo"}),
    frozenset({"birthdate", "birthday", "dob"}),
    frozenset({"starts", "start", "begin", "begins", "starting"}),
    frozenset({"ends", "end", "finish", "ending"}),
)
"""Words that may stand for one another in names of columns."""
