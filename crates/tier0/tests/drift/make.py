# makes crates/statistics/tests/drift/{reference.csv,current.csv,expected.json}
import json, sys, math, warnings
import numpy as np, pandas as pd
from scipy import stats
from scipy.spatial.distance import jensenshannon
from evidently.legacy.core import ColumnType
from evidently.legacy.calculations.stattests import psi_stat_test, jensenshannon_stat_test, kl_div_stat_test, ks_stat_test, wasserstein_stat_test, chi_stat_test
warnings.simplefilter('ignore')
out=sys.argv[1]; m=int(sys.argv[2]); n=int(sys.argv[3]); seed=int(sys.argv[4])
g=np.random.default_rng(seed)
def pad(r): return r
ref={}; cur={}; kinds={}
def num(name,r,c,missing=(0,0)):
    r=np.array(r,dtype=float); c=np.array(c,dtype=float)
    for a,k in ((r,missing[0]),(c,missing[1])):
        if k: a[g.choice(len(a),int(k*len(a)),replace=False)]=np.nan
    ref[name]=r; cur[name]=c; kinds[name]='numeric'
def cat(name,r,c): ref[name]=r; cur[name]=c; kinds[name]='categorical'
R=lambda a: np.round(a,3)
num('ties',R(g.normal(0,1,m))//.5*.5,R(g.normal(.1,1,n))//.5*.5)
num('integers',g.integers(0,60,m),g.integers(5,66,n))
num('two_values',g.integers(0,2,m),(g.random(n)<.7).astype(int))
num('constant',np.full(m,3.0),np.full(n,3.0))
num('constant_moved',np.full(m,3.0),np.full(n,3.5))
num('holes',R(g.normal(5,2,m)),R(g.normal(5,2,n)),(.3,.05))
num('zero_inflated',R(np.where(g.random(m)<.4,0,g.lognormal(0,1,m))),R(np.where(g.random(n)<.5,0,g.lognormal(0,1.2,n))))
num('heavy',R(g.standard_t(1.5,m)*100),R(g.standard_t(1.5,n)*100))
num('apart',R(g.random(m)),R(g.random(n)+5))
num('tiny_spread',1e6+np.round(g.normal(0,1e-4,m),6),1e6+np.round(g.normal(0,1e-4,n),6))
num('twenty',g.integers(0,20,m),g.integers(0,21,n))
num('twenty_one',g.integers(0,21,m),g.integers(0,20,n))
P=lambda k,size,p=None: g.choice([f'v{i}' for i in range(k)],size,p=p)
cat('one_level',np.full(m,'x'),np.full(n,'x'))
cat('new_level',P(3,m),P(4,n))
cat('gone_level',P(4,m),P(3,n))
cat('many_levels',P(60,m,np.arange(1,61)/np.arange(1,61).sum()),P(60,n,np.arange(60,0,-1)/np.arange(1,61).sum()))
h=P(3,n).astype(object); h[g.choice(n,n//4,replace=False)]=None
cat('cat_holes',P(3,m),h)
refd=pd.DataFrame(ref); curd=pd.DataFrame(cur)
refd.to_csv(out+'/reference.csv',index=False); curd.to_csv(out+'/current.csv',index=False)
refd=pd.read_csv(out+'/reference.csv'); curd=pd.read_csv(out+'/current.csv')
def f(x):
    x=float(x); return x if math.isfinite(x) else None
cols={}
for name,kind in kinds.items():
    r=refd[name].dropna(); c=curd[name].dropna()
    T=ColumnType.Numerical if kind=='numeric' else ColumnType.Categorical
    ev={k:f(t.func(r,c,T,.1)[0]) for k,t in dict(psi=psi_stat_test,jensenshannon=jensenshannon_stat_test,kl_div=kl_div_stat_test).items()}
    e={'kind':kind}
    if kind=='numeric':
        ev['ks']=f(ks_stat_test.func(r,c,T,.1)[0]); ev['wasserstein']=f(wasserstein_stat_test.func(r,c,T,.1)[0])
        k=stats.ks_2samp(r,c); ka=stats.ks_2samp(r,c,method='asymp')
        e['scipy']={'ks_2samp':{'statistic':f(k.statistic),'pvalue':f(k.pvalue)},'ks_2samp_asymp':{'statistic':f(ka.statistic),'pvalue':f(ka.pvalue)},'wasserstein_distance':f(stats.wasserstein_distance(r,c))}
        e['std_reference']=f(np.std(r))
        ed=np.unique(np.quantile(r,np.linspace(0,1,11)[1:-1]))
        bi=lambda x: np.bincount(np.searchsorted(ed,x,side='right'),minlength=len(ed)+1)/len(x)
        a,b=bi(r),bi(c); af,bf=np.maximum(a,1e-4),np.maximum(b,1e-4)
        e['psi_quantile10']={'inner_edges':ed.tolist(),'psi':f(((af-bf)*np.log(af/bf)).sum()),'jensenshannon':f(jensenshannon(a,b))}
    else:
        ev['chisquare']=f(chi_stat_test.func(r,c,T,.1)[0])
        keys=sorted(set(r)|set(c)); rc=[int((r==k).sum()) for k in keys]; cc=[int((c==k).sum()) for k in keys]
        s=stats.chisquare(cc,np.array(rc)*len(c)/len(r)); t=stats.chi2_contingency([rc,cc],correction=False)
        e['scipy']={'chisquare_vs_reference':{'statistic':f(s.statistic),'pvalue':f(s.pvalue)},'chi2_contingency':{'statistic':f(t.statistic),'pvalue':f(t.pvalue),'dof':int(t.dof)},'jensenshannon':f(jensenshannon(rc,cc))}
        e['counts']={'keys':keys,'reference':rc,'current':cc}
        a,b=np.array(rc)/len(r),np.array(cc)/len(c)
        e['psi_plain']=f(((a-b)*np.log(a/b)).sum())
    e['evidently']=ev; cols[name]=e
import evidently, scipy
json.dump({'versions':{'python':sys.version.split()[0],'evidently':evidently.__version__,'scipy':scipy.__version__,'numpy':np.__version__,'pandas':pd.__version__},'rows':{'reference':m,'current':n},'columns':cols},open(out+'/expected.json','w'),indent=1)
